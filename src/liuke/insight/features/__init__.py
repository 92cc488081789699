"""Named steps from purchase lines to what is known of each customer; each is an Ibis expression."""
