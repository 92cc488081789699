"""A log that is kept, and to which each day's rows are added without reading it all again; see `State`."""
