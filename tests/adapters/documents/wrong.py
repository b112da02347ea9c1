"""What may be wrong in an example of a document: what is changed, into what, and what is said of it."""

from __future__ import annotations

WRONG = [
    # document, what is changed, into what, rule, place, severity
    ("message", "closure_report", "greeting", "type_not_in_document", "MessageType", "error"),
    ("message", "closure_report", "recall", "type_not_in_document", "MessageType", "error"),
    ("message", "1027700900028", "1027700900029", "ogrn_check_digit", "RecipientOgrn", "error"),
    ("message", "1027700900028", "102770090002", "ogrn_malformed", "RecipientOgrn", "error"),
    ("message", "1027700900028", "1027700900017", "same_organisation", "RecipientOgrn", "error"),
    ("message", "<RegDate>2026-09-01", "<RegDate>01.09.2026", "date_malformed", "RegDate", "error"),
    ("message", "<RegDate>2026-09-01", "<RegDate>2026-09-01+04:00", "zone_dropped", "RegDate", "warning"),
    ("message", "2019-05-14", "2019-02-30", "date_impossible", "Person[1]/Identity/BirthDate", "error"),
    ("message", "<Gender>M", "<Gender>Ж", "value_malformed", "Gender", "error"),
    ("message", "<Gender>M", "<Gender>X", "code_unknown", "Person[1]/Identity/Gender", "error"),
    ("message", "<Kind>child</Kind>", "<Kind>dog</Kind>", "code_unknown", "Kind", "error"),
    ("message", "  <Kind>child</Kind>", "", "element_not_expected", "PersonId", "error"),
    ("message", "<Field>on</Field>", "", "element_not_expected", "Value", "error"),
    ("message", "<Value>2026-08-31</Value>", "", "element_missing", "Note", "error"),
    ("message", "<Outcome>", "<Outcome colour='red'>", "attribute_not_expected", "Outcome/@colour", "error"),
    ("message", "31/исх", "", "value_empty", "RegNumber", "error"),
    ("message", "31/исх", "и" * 501, "value_too_long", "RegNumber", "error"),
    ("message", "<RegNumber>31/исх</RegNumber>", "<RegNo>31</RegNo>", "element_not_expected", "RegNo", "error"),
    ("message", "<MessageId>3f1c", "<MessageId>zzzz", "uuid_malformed", "MessageId", "error"),
    ("message", "<Kind>child</Kind>", "<Kind>parent</Kind>", None, "", ""),  # a report may be about adults
    ("case_summary", "2027-03-01", "2026-02-01", "value_malformed", "CaseSummary", "error"),
    ("case_summary", "2026-117-м", "2026-117", "value_malformed", "CaseSummary", "error"),
    ("case_summary", "2019-05-14", "2019-13", "date_malformed", "BirthDate", "error"),
    ("consent", "1027700900028", "1027700900029", "ogrn_check_digit", "RecipientOgrn", "error"),
    ("consent", "<Category>ID</Category>", "<Category>идент</Category>", "value_malformed", "Category", "error"),
    ("consent", "mother", "aunt", "code_unknown", "Who", "error"),
    ("consent", "2019-05-14", "2019-02-31", "date_impossible", "BirthDate", "error"),
    ("organisation", "family_centre", "circus", "value_malformed", "KindCode", "error"),
    ("organisation", "https://", "ftp://", "value_malformed", "Website", "error"),
    ("service", "45000000", "45", "value_malformed", "Oktmo[1]", "error"),
    ("service", "<MaxAge>17", "<MaxAge>121", "value_malformed", "MaxAge", "error"),
    ("service", "<MaxAge>17", "<MaxAge>2", "value_malformed", "Service", "error"),
    ("service", "18:00", "24:30", "value_malformed", "Closes", "error"),
]
