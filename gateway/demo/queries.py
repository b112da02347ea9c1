"""The operations that the story sends and the API page shows."""

from __future__ import annotations

from typing import Final

RECORD_CONSENT: Final = """
mutation ($input: RecordConsentInput!) { recordConsent(input: $input) }
"""

PUBLISH: Final = """
mutation ($input: PublishCaseSummaryInput!) { publishCaseSummary(input: $input) { caseId version entryId } }
"""

SUBMIT: Final = """
mutation ($input: SubmitMessageInput!) {
  submitMessage(input: $input) {
    repeated
    message { id state }
    preview { recipient sendable people { kind categories { category access { effect rule citation } } } }
  }
}
"""

QUEUE: Final = """
query ($box: Box!) {
  messages(box: $box, first: 20) {
    items {
      id type urgency state sender recipient operationId
      notes { field value }
      receipts { state at organisation attestedBy }
    }
  }
}
"""

STATE: Final = """
query ($id: ID!) { message(id: $id) { state receipts { state at organisation attestedBy } } }
"""

OPEN: Final = """
mutation ($id: ID!) {
  openMessage(id: $id) {
    entryId
    message { state sender }
    subjects {
      kind
      sections {
        identity { access { effect rule citation } data { fullName birthDate } }
        identifiers { access { effect rule citation } data { snils } }
        contact { access { effect rule } data { phones { number } } }
        whereabouts { access { effect rule citation } data { address { text municipality } } }
        risk { access { effect rule } data { concerns statement } }
        plan { access { effect rule } data { requestedAction } }
      }
    }
  }
}
"""

OPEN_INQUIRY: Final = """
mutation ($id: ID!) {
  openMessage(id: $id) { message { state } words { field value } subjects { ref } }
}
"""

ACCEPT: Final = """
mutation ($id: ID!) { answerMessage(id: $id, event: ACCEPT) { state } }
"""

SUMMARY_FIELDS: Final = """
  caseId version asOf
  holder { kind name }
  curator { access { effect } name phone }
  subjects {
    kind
    sections {
      identity { access { effect rule citation } data { fullName birthDate } }
      identifiers { access { effect rule citation remedy } data { snils } }
      whereabouts { access { effect rule citation } data { address { text municipality } } }
      plan { access { effect rule citation } absence data { stage { code since } goals { goal state } } }
      health { access { effect rule citation remedy } data { recommendations } }
      education { access { effect rule citation } data { attendance } }
      offences { access { effect rule citation remedy } data { record { code } } }
    }
  }
"""

SUMMARIES: Final = f"""
query ($after: String) {{
  caseSummaries(purpose: "CASE_MGMT", first: 50, after: $after) {{ next items {{ {SUMMARY_FIELDS} }} }}
}}
"""

SUMMARY: Final = f"""
query ($id: ID!) {{ caseSummary(caseId: $id, purpose: "CASE_MGMT") {{ {SUMMARY_FIELDS} }} }}
"""

WITHDRAW: Final = """
mutation ($id: ID!) { withdrawConsent(consentId: $id) { entryId recalled } }
"""

EMERGENCY: Final = f"""
query ($id: ID!) {{ caseSummary(caseId: $id, purpose: "EMERGENCY") {{ {SUMMARY_FIELDS} }} }}
"""

EXPLAIN: Final = """
query ($case: ID!, $ogrn: String!) {
  explain(caseId: $case, organisationOgrn: $ogrn, purpose: "CASE_MGMT") {
    related
    entryId
    subjects { kind categories { category effect rule citation quiet missing { rule remedy } } }
  }
}
"""

ORGANISATION_NOW: Final = """
query ($ogrn: String!, $urgency: String!) {
  organisationNow(ogrn: $ogrn, urgency: $urgency) { works opensAt phone advice }
}
"""
