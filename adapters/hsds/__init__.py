"""Open Referral HSDS 3.0: the data package of CSV tables, and the JSON of the API."""
