"""What we recorded that providers cost, against what they report themselves."""
