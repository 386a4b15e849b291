"""Volunteers (志愿服务): activities, enrolment, hours that somebody else verified, certificates."""
