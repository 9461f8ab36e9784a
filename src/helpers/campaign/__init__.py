"""Audiences with a holdout, what they can show, and what a campaign has changed."""
