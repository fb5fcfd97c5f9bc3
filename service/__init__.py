"""Running it as a service: up, its Prefect server, deployments, automations, preparation."""
