"""Evidence bundles: written after a run, verified later without a database."""
