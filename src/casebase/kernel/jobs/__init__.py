"""Durable jobs on pgmq: queues, workers and schedules."""
