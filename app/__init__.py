"""The program its user sees: commands, profiles, acquisition, captures and the window."""
