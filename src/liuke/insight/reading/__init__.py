"""From a file or a data frame to checked purchase lines."""
