"""Settings, and what Prefect keeps for us: secrets and the kill-switch."""
