"""What a file is and what its rows hold: formats, encodings, delimiters, sheets; rejects on the way back."""
