"""The rule editor: what a camera is watched for, and when that would have rung."""
