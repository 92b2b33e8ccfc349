"""Money for real needs: calls for proposals, and who watches them."""
