"""The judgement as one HTML file that can be forwarded: nothing is fetched, charts are drawn inline."""
