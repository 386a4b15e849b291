"""Linli 邻里: an open platform for community governance."""
