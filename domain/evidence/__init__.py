"""What has to hold in the evidence of a run, and in the whole knowledge base."""
