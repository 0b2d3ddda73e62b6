"""The operator's window; Qt lives here and nowhere else."""
