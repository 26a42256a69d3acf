"""Will this flight arrive 15 minutes late or more? Asked before it departs."""
