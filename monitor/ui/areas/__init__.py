"""The editor of areas: places that several cameras see, counted as one."""
