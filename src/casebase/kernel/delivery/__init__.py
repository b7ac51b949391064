"""What leaves the house by itself: signed webhooks and alerts."""
