"""What leaves the engine: history, MQTT, notifications, metrics, CSV and evidence."""
