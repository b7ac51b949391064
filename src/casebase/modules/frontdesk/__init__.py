"""The front desk of many tenants: bookings, orders, conversation scores, metrics and PHI events."""
