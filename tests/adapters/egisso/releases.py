"""Schemas of our own for the tests: small ones that stand to the messages as ЕГИССО's do, in the folders a release has.

ЕГИССО's own schemas are nobody's to copy; these say less, and a few things that the gateway's own rules do not.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"'
QUALIFIED = 'elementFormDefault="qualified"'
MSG = "urn://egisso-ru/msg/10.25.I/2.1.0"
PAC = "urn://egisso-ru/types/package-REG/2.1.0"
REG = "urn://egisso-ru/types/registers/2.2.0"
BAS = "urn://egisso-ru/types/basic/2.3.0"

MESSAGE = f"""{HEAD} xmlns:p="{PAC}" targetNamespace="{MSG}" {QUALIFIED}>
 <s:import namespace="{PAC}" schemaLocation="./schemas/egisso/package.xsd"/>
 <s:element name="data"><s:complexType><s:sequence><s:element ref="p:package"/></s:sequence></s:complexType></s:element>
</s:schema>"""

PACKAGE = f"""{HEAD} xmlns="{PAC}" xmlns:g="{REG}" xmlns:b="{BAS}" targetNamespace="{PAC}" {QUALIFIED}>
 <s:import namespace="{REG}" schemaLocation="registers.xsd"/>
 <s:import namespace="{BAS}" schemaLocation="../commons/basic.xsd"/>
 <s:attributeGroup name="ids">
  <s:attribute name="recUid" use="required"/><s:attribute name="legalEventUID" use="required"/>
  <s:attribute name="updateDate" type="b:stamp" use="required"/>
 </s:attributeGroup>
 <s:complexType name="body"><s:sequence>
  <s:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></s:sequence></s:complexType>
 <s:complexType name="event"><s:choice>
   <s:element name="rlirp"><s:complexType><s:sequence>
     <s:element name="reasonDocument" type="g:document"/>
     <s:element name="person" type="g:person" maxOccurs="unbounded"/>
     <s:element name="relation" type="body" maxOccurs="unbounded"/>
   </s:sequence></s:complexType></s:element>
   <s:element name="rlid" type="body"/><s:element name="rzp" type="body"/>
  </s:choice><s:attributeGroup ref="ids"/></s:complexType>
 <s:element name="package"><s:complexType><s:sequence>
  <s:element name="packageId" type="s:string"/>
  <s:element name="elements"><s:complexType><s:sequence>
   <s:element name="createRecord" minOccurs="0" maxOccurs="1000"><s:complexType><s:complexContent><s:extension base="event">
     <s:attribute name="codeEventType" use="required"/></s:extension></s:complexContent></s:complexType></s:element>
   <s:element name="editRecord" minOccurs="0" maxOccurs="1000"><s:complexType><s:sequence>
     <s:element name="createRecord" type="event"/></s:sequence><s:attributeGroup ref="ids"/></s:complexType></s:element>
   <s:element name="deleteRecord" minOccurs="0" maxOccurs="1000"><s:complexType>
     <s:attributeGroup ref="ids"/></s:complexType></s:element>
  </s:sequence></s:complexType></s:element>
 </s:sequence></s:complexType></s:element>
</s:schema>"""

REGISTERS = f"""{HEAD} xmlns="{REG}" xmlns:b="{BAS}" targetNamespace="{REG}" {QUALIFIED}>
 <s:import namespace="{BAS}" schemaLocation="../commons/basic.xsd"/>
 <s:complexType name="document"><s:sequence>
  <s:element name="date" type="b:day"/><s:element name="number" type="s:string" minOccurs="0"/>
  <s:element name="codeType"><s:simpleType>
    <s:restriction base="s:string"><s:enumeration value="0006"/></s:restriction></s:simpleType></s:element>
  <s:element name="name" type="s:string" minOccurs="0"/><s:element name="effectiveDate" type="b:day"/>
  <s:element name="issuer" type="s:string"/><s:element name="informationReceivingDate" type="b:day" minOccurs="0"/>
 </s:sequence></s:complexType>
 <s:complexType name="person"><s:complexContent><s:extension base="b:person">
  <s:sequence><s:element name="codeRoleType" type="s:string"/></s:sequence></s:extension></s:complexContent></s:complexType>
</s:schema>"""

BASIC = f"""{HEAD} xmlns="{BAS}" targetNamespace="{BAS}" {QUALIFIED}>
 <s:simpleType name="day">
  <s:restriction base="s:date"><s:pattern value="[12]\\d{{3}}-\\d\\d-\\d\\d"/></s:restriction></s:simpleType>
 <s:simpleType name="stamp"><s:restriction base="s:dateTime">
  <s:pattern value="2\\d{{3}}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\+(0[2-9]|1[0-2]):00|Z)"/></s:restriction></s:simpleType>
 <s:complexType name="person"><s:sequence>
  <s:element name="snils" type="s:string"/>
  <s:element name="fio"><s:complexType><s:sequence>
    <s:element name="surname" type="s:string"/><s:element name="patronymic" type="s:string" minOccurs="0"/>
    <s:element name="forename" type="s:string"/></s:sequence></s:complexType></s:element>
  <s:element name="gender" type="s:string"/><s:element name="birthDate" type="day"/>
  <s:element name="citizenshipCode" type="s:string"/></s:sequence></s:complexType>
</s:schema>"""

OTHER = f'{HEAD} targetNamespace="urn://egisso-ru/msg/10.06.S/1.1.0" {QUALIFIED}><s:element name="data"/></s:schema>'

RELEASE = {
    "10.25.I-2.1.0.xsd": MESSAGE,
    "10.06.S-1.1.0.xsd": OTHER,
    "schemas/egisso/package.xsd": PACKAGE,
    "schemas/egisso/registers.xsd": REGISTERS,
    "schemas/commons/basic.xsd": BASIC,
}
NEEDED = sorted(RELEASE.keys() - {"10.06.S-1.1.0.xsd"})


def release(**changes: str | None) -> dict[str, bytes]:
    """The files of a release; a change is another text for the file whose name has it, None takes the file away."""
    found = {}
    for path, text in RELEASE.items():
        key = next((key for key in changes if key in path), None)
        changed = text if key is None else changes[key]
        if changed is not None:
            found[path] = changed.encode()
    return found


def on_disk(folder: Path, files: dict[str, bytes]) -> Path:
    """The files in a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    """The files in an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()
