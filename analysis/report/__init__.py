"""The paper's tables and figures, recomputed from any study that holds what they need."""
