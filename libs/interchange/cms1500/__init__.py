"""CMS-1500 (02/12): what stands in each box, and our own drawing of them as a page to print."""

from interchange.cms1500.boxes import Page, Row, pages
from interchange.cms1500.drawing import cms1500

__all__ = ["Page", "Row", "cms1500", "pages"]
