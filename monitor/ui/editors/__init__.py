"""Editors of what a camera counts and is watched for: zones, ground, areas, rules, prompts."""
