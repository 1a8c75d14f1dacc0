"""nnU-Net v2 as an outer shell: plans, data by path list, two trainers. Only here is nnunetv2 imported."""
