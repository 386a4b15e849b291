"""Noticeboard (公告栏): notices that somebody writes and somebody else publishes."""
