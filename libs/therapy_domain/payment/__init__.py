"""What a claim should bring, what it brought, and how much of the year's therapy threshold is used."""
