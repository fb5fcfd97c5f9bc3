"""What Prefect keeps and shows for us: settings, secrets, switch, forms, deployments, artifacts."""
