"""Files about prices: structures, cases, whole tables of them."""
