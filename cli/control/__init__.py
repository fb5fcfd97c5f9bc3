"""Commands that let a run go, stop it, or take one back."""
