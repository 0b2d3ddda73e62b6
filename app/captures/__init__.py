"""What lies on disk: stacks, captures and the results of a fusion."""
