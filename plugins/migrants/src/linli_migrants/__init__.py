"""Migrant services (流动人口服务): stays, dwellings and contracts, visits, services, residence permits."""
