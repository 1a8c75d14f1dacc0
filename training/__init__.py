"""Trains the models and predicts with them: targets, losses, networks, one loop, nnU-Net as an outer shell.

The only package that knows torch, and nothing here is imported before it is needed: `import training`
costs nothing. Files and label maps are (x, y, z) as everywhere in the house. What a network sees is
(z, y, x), nnU-Net's order, so that weights can change hands; the one door between the two is
`training.preprocessing`. Tensors carry their axes as a suffix: `logits_bczyx`, `labels_bzyx`.
"""
