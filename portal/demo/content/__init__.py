"""What stands in the demo. Towns, companies and people are invented; the EU matters are real ones."""
