"""The kernel: everything every module stands on, with no domain word inside."""
