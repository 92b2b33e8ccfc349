"""The demo: two fictional networks with a year behind them, dated from the day of loading (see loader)."""
