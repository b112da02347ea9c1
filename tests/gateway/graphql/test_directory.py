"""The directory over the API: published by its organisation, searched by everybody, asked anonymously."""

from __future__ import annotations

from typing import Any

from tests.gateway.conftest import Caller, Running

PUBLISH = """mutation($input: PublishServiceInput!) { publishService(input: $input) { entryId service {
  places open service { id name kinds minAge territories hours { zone days { weekday spans { opens closes } } } statedOn }
  organisation { participantId organisation { name ogrn kind } } } } }"""
SERVICE: dict[str, Any] = {
    "name": "Приём психолога",
    "kinds": ["psychology"],
    "territories": ["45000000"],
    "minAge": 3,
    "capacity": 10,
    "freePlaces": 2,
    "statedOn": "2026-03-01",
    "hours": {"days": [{"weekday": 1, "spans": [{"opens": "09:00", "closes": "18:00"}]}]},
    "applyBy": ["gateway", "phone"],
    "phones": [{"number": "+7 000 000-00-01"}],
}


def publish(caller: Caller, **more: Any) -> dict[str, Any]:
    answer = caller.graphql(PUBLISH, {"input": {**SERVICE, **more}}).json()
    assert "errors" not in answer, answer
    return answer["data"]["publishService"]


def test_a_service_is_published_and_found_by_others(running: Running) -> None:
    ngo, school = running.caller(running.town.ngo), running.caller(running.town.school)
    published = publish(ngo)
    assert published["service"]["open"] is True  # Monday noon in Moscow
    assert published["service"]["places"] == "free"
    assert published["service"]["service"]["hours"]["days"][0]["spans"] == [{"opens": "09:00:00", "closes": "18:00:00"}]
    assert published["service"]["organisation"]["participantId"] == running.town.ngo.id
    query = """query($after: ID) { directory(territory: "45301000", kinds: ["psychology"], age: 5,
      openAt: "2026-03-02T12:00:00Z", first: 1, after: $after) { next
      items { service { id name phones { number } } fresh: freshUntil } } }"""
    first = school.graphql(query).json()["data"]["directory"]
    assert [one["service"]["name"] for one in first["items"]] == ["Приём психолога"]
    assert first["next"] is None
    publish(ngo, name="Ещё приём")
    first = school.graphql(query).json()["data"]["directory"]
    second = school.graphql(query, {"after": first["next"]}).json()["data"]["directory"]
    assert [one["service"]["name"] for one in first["items"] + second["items"]] == ["Ещё приём", "Приём психолога"]


def test_an_organisation_with_its_services_is_shown(running: Running) -> None:
    ngo = running.caller(running.town.ngo)
    described = """mutation { describeOrganisation(input: {shortName: "Фонд", place: {address: "ул. Вымышленная, 1",
      city: "Москва", region: "Москва", postalCode: "100000"}}) }"""
    assert "errors" not in ngo.graphql(described).json()
    publish(ngo)
    query = "{ directory { items { organisation { organisation { id } } } } }"
    (item,) = ngo.graphql(query).json()["data"]["directory"]["items"]
    shown = ngo.graphql(
        "query($id: ID!) { directoryOrganisation(id: $id) { organisation { organisation { shortName place { city } } }"
        " services { service { name } } } }",
        {"id": item["organisation"]["organisation"]["id"]},
    ).json()["data"]["directoryOrganisation"]
    assert shown["organisation"]["organisation"] == {"shortName": "Фонд", "place": {"city": "Москва"}}
    assert shown["services"] == [{"service": {"name": "Приём психолога"}}]


def test_capacity_is_asked_by_codes_alone(running: Running) -> None:
    publish(running.caller(running.town.ngo))
    school = running.caller(running.town.school)
    query = """query($question: AskCapacityInput!) { askCapacity(question: $question) { fitting { service { name freePlaces }
      organisation { participantId } } unknown { service { name } } moreFitting moreUnknown } }"""
    question = {"kinds": ["psychology"], "ageBands": ["age_3_6"], "territory": "45301000", "urgency": "planned"}
    answer = school.graphql(query, {"question": question}).json()["data"]["askCapacity"]
    assert [one["service"] for one in answer["fitting"]] == [{"name": "Приём психолога", "freePlaces": 2}]
    assert answer["unknown"] == []
    assert school.code(query, {"question": question | {"kinds": ["мама пьёт"]}}) == "field_invalid"
    assert school.code(query, {"question": question | {"note": "мама пьёт"}}) == "graphql_invalid"
    assert school.code(query, {"question": question | {"district": "у метро"}}) == "district_unknown"


def test_alternatives_leave_out_ones_own(running: Running) -> None:
    publish(running.caller(running.town.ngo))
    query = """{ directoryAlternatives(territory: "45301000", kinds: ["psychology"], ageBand: "age_7_10") {
      fitting { organisation { participantId } } } }"""
    school, ngo = running.caller(running.town.school), running.caller(running.town.ngo)
    answer = school.graphql(query).json()["data"]["directoryAlternatives"]["fitting"]
    assert answer == [{"organisation": {"participantId": running.town.ngo.id}}]
    assert ngo.graphql(query).json()["data"]["directoryAlternatives"]["fitting"] == []


def test_publishing_needs_its_scope_and_ones_own_service(running: Running) -> None:
    town = running.town
    mine = publish(running.caller(town.ngo))["service"]["service"]["id"]
    reader = running.caller(town.school, "messages.read")
    assert reader.code(PUBLISH, {"input": SERVICE}) == "scope_missing"
    other = running.caller(town.school)
    assert other.code(PUBLISH, {"input": {**SERVICE, "id": mine}}) == "service_unavailable"
    withdraw = "mutation($id: ID!) { withdrawService(id: $id) }"
    assert reader.code(withdraw, {"id": mine}) == "scope_missing"
    assert other.code(withdraw, {"id": mine}) == "service_unavailable"
    assert "errors" not in running.caller(town.ngo).graphql(withdraw, {"id": mine}).json()
    assert other.graphql("{ directory { items { open } } }").json()["data"]["directory"]["items"] == []


def test_figures_that_contradict_each_other_name_their_rule(running: Running) -> None:
    answer = running.caller(running.town.ngo).graphql(PUBLISH, {"input": {**SERVICE, "minAge": 9, "maxAge": 3}}).json()
    assert answer["errors"][0]["extensions"]["code"] == "field_invalid"
    assert "age_order" in answer["errors"][0]["message"]
