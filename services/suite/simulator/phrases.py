"""Words that notes are made of, by code and discipline."""

_EXERCISE_NAMES = {
    "97110": "step-ups on a 15 cm block|bridges with resistance band|standing heel raises|seated rows with blue band|"
    "straight leg raises with 1 kg cuff|wall slides to 60 degrees|scapular retraction with red band|cycle ergometer sprints",
    "97112": "tandem stance with head turns|single-leg stance with ball toss|weight shifts on rocker board|"
    "quadruped reaching|eyes-closed stance with perturbation|PNF D2 pattern with hold-relax|"
    "figure-eight stepping over cones|seated trunk righting on therapy ball",
    "97116": "walking with obstacle course|stair climbing, reciprocal|gait with metronome|backward walking along a line|"
    "curb and ramp practice|sideways stepping|turning 180 degrees with cane|treadmill walking with incline",
    "97140": "posterior glide grade III|patellar mobilization grade III|soft tissue release of upper trapezius|"
    "lumbar side-glide mobilization|manual stretch of hamstrings|carpal glide grade II|scar mobilization|"
    "distraction of the joint grade II",
    "97530": "sit-to-stand from 43 cm chair|lifting a 5 kg crate floor to waist|reaching to the overhead shelf|"
    "carrying a tray over 10 m|floor-to-stand transfer|car transfer practice|pushing a loaded trolley|"
    "bed mobility with log roll",
    "97535": "dressing with button hook|sock aid practice|meal preparation at the counter|shower transfer with bench|"
    "grooming one-handed|opening containers with adapted grip|toilet hygiene with reacher|medication sorting",
    "97035": "ultrasound 1 MHz over the tendon|ultrasound 3 MHz over the scar|pulsed ultrasound at the joint line|"
    "ultrasound over the rotator cuff|ultrasound along the patellar tendon",
    "97150": "circuit of balance stations|chair-based strength circuit|walking relay with turns|ball passing in a circle|"
    "hand dexterity stations|step routine to music|tai chi sequence",
    "97129": "alternating attention with card sorting|medication schedule planning|route planning on a map|"
    "working memory span tasks|calendar entry with interruptions|bill paying simulation|problem solving with timers",
    "92507": "picture naming with phonemic cues|sentence completion|script training for telephone calls|"
    "semantic feature analysis|breath-group reading aloud|contrastive stress drill|verb network strengthening",
    "92526": "effortful swallow with puree|Mendelsohn maneuver|tongue-base retraction|supraglottic swallow with liquid|"
    "chin tuck with teaspoon sips|lingual press against resistance|expiratory strength trials",
    "98940": "side-posture adjustment L4 to L5|drop-table adjustment of the sacrum|thoracic prone adjustment|"
    "flexion-distraction L5|sacroiliac side-posture adjustment",
    "98941": "seated cervical adjustment C5|supine cervical adjustment C2|thoracic anterior adjustment T4|"
    "cervicothoracic adjustment C7|lumbar and cervical side-posture adjustment",
    "97161": "history, strength, reach and walking tests", "97162": "history, balance, gait and transfer tests",
    "97163": "history, sensation, balance and endurance tests", "97164": "repeat of balance, strength and gait tests",
    "97165": "history, grip, dexterity and dressing tests", "97166": "history, motion, grip and kitchen task tests",
    "97167": "history, vision, dexterity and cognition tests", "97168": "repeat of grip, dexterity and dressing tests",
    "G0283": "interferential stimulation at the joint", "97014": "stimulation at the trapezius",
    "97010": "moist heat to the lumbar area",
}  # fmt: skip
_DOSES = {
    "97110": ("reps", 8), "97112": ("s", 20), "97116": ("m", 25), "97140": ("s", 30), "97530": ("reps", 5),
    "97535": ("trials", 3), "97035": ("min at 1.0 W/cm2", 5), "97150": ("min", 6), "97129": ("items", 10),
    "92507": ("trials", 15), "92526": ("swallows", 8), "98940": ("thrusts", 1), "98941": ("thrusts", 1),
}  # fmt: skip

EXERCISES: dict[str, tuple[tuple[str, str, int], ...]] = {
    code: tuple((name, *_DOSES.get(code, ("min", 8))) for name in names.split("|"))
    for code, names in _EXERCISE_NAMES.items()
}
"""By code: exercise, unit of its dose, and the dose of a first visit."""

_GYM = (
    "on firm floor|on foam pad level 2|at parallel bars|on 10 cm step|on uneven turf mat|with eyes closed|on tilt board "
    "level 3|in the corridor|on mat table|seated on a stool"
).split("|")
SURFACES = {
    "PT": _GYM,
    "OT": "at table height 72 cm|on non-slip mat|seated at the counter|standing at the sink|at the edge of the bed|on a "
    "lap tray|on wall board level 2|in the practice kitchen".split("|"),
    "SLP": "level 2 of 5|level 3 of 5|in quiet room|with background talk|by picture cards|on tablet, level 4|seated upright "
    "at 90 degrees".split("|"),
    "CHIRO": "prone on table|seated upright|side-lying left|side-lying right|supine with towel roll|on drop table".split(
        "|"
    ),
}
ASSISTS = (
    "contact guard assistance|minimal assistance|stand-by assistance|moderate assistance of one|supervision with verbal "
    "cues|touching assistance at the pelvis|minimal assistance of one hand"
).split("|")
CUES = (
    "Verbal and tactile cues|Manual guidance at the pelvis|Mirror feedback with verbal correction|Hand-over-hand facilitation|"
    "Tapping and quick stretch|Step-by-step verbal sequencing|Graded manual resistance|Visual targets with verbal pacing|"
    "Tactile cues at the trunk|Demonstration and manual correction|Rhythmic auditory cues"
).split("|")
MOVEMENTS = (
    "midline trunk alignment|weight shift to the weaker side|scapular setting|controlled knee extension|heel strike|hip "
    "strategy in stance|wrist position in reach|breathing with effort|selective finger release|head and trunk rotation|"
    "pelvic control in single stance|pacing and posture|jaw and tongue placement"
).split("|")
FEEDBACK = (
    "knowledge of results given|difficulty raised one level|cue faded by half|compensation corrected by hand|speed reduced "
    "and form restored|base of support narrowed|support hand withdrawn|rhythm corrected by counting|task split in two parts"
).split("|")
RESPONSES = (
    "Kept alignment in 4 of 5 tries after correction|Lost balance twice, recovered with a step|Needed fewer cues than at the "
    "start|Reported 3 of 10 discomfort that settled with rest|Carried the correction over to the next task|Fatigued in the "
    "last set, form held with a cue|Corrected posture without a prompt by the third set|Asked to slow down, then "
    "completed the set|Showed steadier movement at half the speed|Reached the target in most tries|Tired late but finished"
).split("|")
SAFETY = (
    "gait belt worn|guarding on the weaker side|chair placed behind the patient|blood pressure checked before starting|"
    "floor cleared of obstacles|brakes locked at each transfer|spotter within arm's reach|stop rule of 5 of 10 discomfort "
    "agreed|call bell at hand|shoes checked|swallow and breathing watched throughout"
).split("|")
EQUIPMENT = {
    "PT": "foam pad|rocker board|resistance band|parallel bars|10 cm step|therapy ball|straight cane|cuff weight|cones".split(
        "|"
    ),
    "OT": "button hook|therapy putty|peg board|sock aid|reacher|cones and shelf|adapted utensils|wrist cuff weight|mirror".split(
        "|"
    ),
    "SLP": "picture cards|tablet with word lists|mirror|teaspoon and cup|puree and thickened water|metronome|timer".split(
        "|"
    ),
    "CHIRO": "drop table|towel roll|resistance band|goniometer|foam wedge|lumbar roll|stool".split("|"),
}
EDUCATION = (
    "Home practice of the same task with support at the counter|Fall prevention at night taught|Posture breaks at work taught|"
    "Pacing and rest planning taught|Joint protection taught with the patient's own tools|Caregiver shown how to guard|"
    "Written home programme with pictures handed out|Safe use of the cane on stairs taught|Warning signs to stop taught|"
    "Breathing and pacing practice taught"
).split("|")
VAGUE = ("worked on balance", "therapeutic exercises", "balance activities", "exercises per plan", "same as last visit")
"""Wording that says nothing; only ever planted."""
