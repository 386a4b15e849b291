"""The GraphQL API of Linli."""
