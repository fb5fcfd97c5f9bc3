"""What tests share: servers, databases, keys."""
