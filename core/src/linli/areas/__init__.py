"""The dated tree of areas: levels, places, change sets with successors, counts, search and import."""
