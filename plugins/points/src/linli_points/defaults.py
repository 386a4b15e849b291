"""The standard that a tenant starts with, and changes: 46 sub-categories with a rule each.

The report of Jingmen has four categories with 46 sub-categories and does not list the latter (domain.md §5.1): these
are a sensible start, marked as a default, not the city's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli_points.terms import Category

# Category → code → name in Chinese and English, points for each item, and the most that one may get in a year.
DEFAULTS: Final[Mapping[Category, Mapping[str, tuple[str, str, int, int]]]] = {
    Category.PUBLIC_ORDER: {
        "night_patrol": ("治安巡逻", "Neighbourhood patrol", 5, 200),
        "fire_safety": ("消防安全排查", "Fire safety checks", 5, 100),
        "traffic_guidance": ("文明交通劝导", "Traffic guidance", 5, 200),
        "mediation_help": ("参与邻里调解", "Helping neighbours settle disputes", 10, 200),
        "safety_lectures": ("安全知识宣讲", "Safety lectures", 5, 100),
        "fraud_prevention": ("防诈骗宣传", "Fraud prevention", 5, 100),
        "flood_watch": ("防汛值守", "Flood watch", 10, 200),
        "emergency_drill": ("参加应急演练", "Emergency drills", 5, 50),
        "river_safety": ("防溺水巡查", "Water safety patrol", 5, 100),
        "hazard_removal": ("排除安全隐患", "Removing hazards", 10, 200),
        "school_gate": ("护学岗", "School gate duty", 5, 200),
    },
    Category.PUBLIC_VIRTUE: {
        "elderly_care": ("关爱老年人", "Care of the elderly", 5, 300),
        "child_care": ("关爱留守儿童", "Care of left-behind children", 5, 300),
        "disability_help": ("助残服务", "Help for disabled neighbours", 5, 300),
        "blood_donation": ("无偿献血", "Blood donation", 20, 80),
        "charity_donation": ("捐款捐物", "Donations to charity", 5, 100),
        "lost_and_found": ("拾金不昧", "Returning what was found", 10, 50),
        "rescue": ("见义勇为", "Rescuing others", 100, 500),
        "good_family": ("和睦家庭", "A harmonious family", 20, 40),
        "good_neighbour": ("邻里互助", "Helping neighbours", 5, 200),
        "volunteer_service": ("志愿服务", "Volunteer service", 5, 1000),
        "study_help": ("助学支教", "Help with learning", 5, 200),
        "thrift": ("勤俭节约、移风易俗", "Thrift at weddings and funerals", 10, 50),
        "civilised_table": ("光盘行动", "No waste at the table", 2, 20),
    },
    Category.COMMUNITY_BUILDING: {
        "clean_up": ("环境清洁", "Cleaning up", 5, 200),
        "waste_sorting": ("垃圾分类", "Sorting waste", 2, 200),
        "green_care": ("绿化养护", "Care of greenery", 5, 200),
        "meetings": ("参加居民会议", "Residents' meetings", 5, 100),
        "suggestions": ("提出合理化建议", "Useful suggestions", 5, 100),
        "collective_work": ("参加集体劳动", "Work for the community", 10, 200),
        "culture": ("参加文体活动", "Culture and sport", 3, 100),
        "training": ("参加培训学习", "Training", 3, 100),
        "facility_care": ("公共设施维护", "Care of public facilities", 5, 200),
        "surveys_help": ("协助普查调查", "Help with surveys", 5, 100),
        "courtyard": ("美丽庭院", "A beautiful courtyard", 20, 40),
        "skills": ("奉献专业技能", "Giving one's skills", 10, 300),
        "building_head": ("担任楼栋长", "Serving as head of a building", 30, 360),
        "festival": ("组织节日活动", "Organising festivals", 10, 100),
    },
    Category.REWARDS_AND_PENALTIES: {
        "honour_community": ("获社区表彰", "Honoured by the community", 10, 50),
        "honour_street": ("获街道（乡镇）表彰", "Honoured by the street or town", 20, 60),
        "honour_district": ("获县（市、区）表彰", "Honoured by the district", 30, 90),
        "honour_city": ("获市级表彰", "Honoured by the city", 50, 100),
        "honour_province": ("获省级以上表彰", "Honoured by the province or the state", 100, 200),
        "star_household": ("评为星级文明户", "Star household", 30, 60),
        "model_resident": ("评为道德模范", "Model resident", 50, 100),
        "wrong_award_return": ("主动退回误记积分", "Returning a wrong award", 5, 20),
    },
}
