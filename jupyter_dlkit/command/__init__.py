"""``jupyter dlkit``: the answers on a shell, where there is no browser and no notebook."""
