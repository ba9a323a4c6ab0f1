<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>hvlm</name>
    <message>
        <source>
Nothing is missing and nothing had to be repaired.
</source>
        <translation>
Nichts fehlt, und nichts musste ausgebessert werden.
</translation>
    </message>
    <message>
        <source>
data %1 · step %2</source>
        <translation>
Daten %1 · Schritt %2</translation>
    </message>
    <message>
        <source>
read-only detections, imported from %1</source>
        <translation>
schreibgeschützte Funde, importiert aus %1</translation>
    </message>
    <message>
        <source>
tags: %1</source>
        <translation>
Schlagworte: %1</translation>
    </message>
    <message>
        <source>   marks %1 to %2 s</source>
        <translation>   Marken %1 bis %2 s</translation>
    </message>
    <message>
        <source>   sound (%1) is not played</source>
        <translation>   Ton (%1) wird nicht gespielt</translation>
    </message>
    <message>
        <source>  … and %1 more
</source>
        <translation>  … und %1 weitere
</translation>
    </message>
    <message>
        <source> (held out)</source>
        <translation> (zurückgehalten)</translation>
    </message>
    <message>
        <source> from score %1 on</source>
        <translation> ab Wert %1</translation>
    </message>
    <message>
        <source> mm</source>
        <translation> mm</translation>
    </message>
    <message>
        <source> · %1 %2</source>
        <translation> · %1 %2</translation>
    </message>
    <message>
        <source> · %1 matched, %2 false, %3 missed</source>
        <translation> · %1 getroffen, %2 falsch, %3 verpasst</translation>
    </message>
    <message>
        <source> · %1 steps averaged to %2 a side</source>
        <translation> · %1 Schritte auf %2 je Seite gemittelt</translation>
    </message>
    <message>
        <source> · %1 % sure</source>
        <translation> · %1 % sicher</translation>
    </message>
    <message numerus="yes">
        <source> · %n cell(s) of all levels</source>
        <translation><numerusform> · %n Zelle aller Ebenen</numerusform><numerusform> · %n Zellen aller Ebenen</numerusform></translation>
    </message>
    <message numerus="yes">
        <source> · %n defect(s) found</source>
        <translation><numerusform> · %n Mangel gefunden</numerusform><numerusform> · %n Mängel gefunden</numerusform></translation>
    </message>
    <message numerus="yes">
        <source> · %n step(s)</source>
        <translation><numerusform> · %n Schritt</numerusform><numerusform> · %n Schritte</numerusform></translation>
    </message>
    <message>
        <source> · ETA %1</source>
        <translation> · noch %1</translation>
    </message>
    <message>
        <source> · a job runs in the panel Jobs</source>
        <translation> · unter Aufträge läuft etwas</translation>
    </message>
    <message>
        <source> · alpha %1</source>
        <translation> · alpha %1</translation>
    </message>
    <message>
        <source> · alpha %1 in node %2 of level %3</source>
        <translation> · Alpha %1 in Knoten %2 von Ebene %3</translation>
    </message>
    <message>
        <source> · detections that the run has stored</source>
        <translation> · vom Lauf gespeicherte Funde</translation>
    </message>
    <message>
        <source> · epoch %1/%2</source>
        <translation> · Epoche %1/%2</translation>
    </message>
    <message>
        <source> · imported from %1</source>
        <translation> · importiert aus %1</translation>
    </message>
    <message>
        <source> · left out of the level above</source>
        <translation> · in der Ebene darüber ausgelassen</translation>
    </message>
    <message>
        <source> · missed</source>
        <translation> · verpasst</translation>
    </message>
    <message>
        <source> · run %1</source>
        <translation> · Lauf %1</translation>
    </message>
    <message>
        <source> · standard %1</source>
        <translation> · standard %1</translation>
    </message>
    <message>
        <source> · step %1 of %2 · share %3 (%4 × even)</source>
        <translation> · Schritt %1 von %2 · Anteil %3 (%4 × gleichmäßig)</translation>
    </message>
    <message>
        <source> · taken for %1</source>
        <translation> · gehalten für %1</translation>
    </message>
    <message>
        <source> · weights of step %1</source>
        <translation> · Gewichte von Schritt %1</translation>
    </message>
    <message>
        <source>"%1" is missing.</source>
        <translation>„%1“ fehlt.</translation>
    </message>
    <message>
        <source>"%1" is neither a time nor a frame; write 1:02.5, 0:01:02, 62.5 or #123.</source>
        <translation>"%1" ist weder eine Zeit noch ein Bild; schreiben Sie 1:02.5, 0:01:02, 62.5 oder #123.</translation>
    </message>
    <message>
        <source>"%1" wants a number, not "%2".</source>
        <translation>„%1“ verlangt eine Zahl, nicht „%2“.</translation>
    </message>
    <message>
        <source>"IoU@0.5" of the paper</source>
        <translation>"IoU@0.5" der Veröffentlichung</translation>
    </message>
    <message>
        <source>%1
%2</source>
        <translation>%1
%2</translation>
    </message>
    <message>
        <source>%1
The tables shown are those of %2, read at %3.</source>
        <translation>%1
Gezeigt werden die Tabellen von %2, gelesen um %3.</translation>
    </message>
    <message>
        <source>%1
index %2 s, words %3 ms, search %4 ms; with waiting for the engine %5 s</source>
        <translation>%1
Index %2 s, Wörter %3 ms, Suche %4 ms; mit Warten auf das Rechenwerk %5 s</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1 %2 of %3</source>
        <translation>%1 %2 von %3</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 (claimed)</source>
        <translation>%1 (behauptet)</translation>
    </message>
    <message>
        <source>%1 (one seed)</source>
        <translation>%1 (ein Startwert)</translation>
    </message>
    <message>
        <source>%1 (optional)</source>
        <translation>%1 (freiwillig)</translation>
    </message>
    <message>
        <source>%1 (other process)</source>
        <translation>%1 (anderer Prozess)</translation>
    </message>
    <message>
        <source>%1 (pinned)</source>
        <translation>%1 (angeheftet)</translation>
    </message>
    <message>
        <source>%1 (thick: mean of %2 seeds)</source>
        <translation>%1 (dick: Mittel aus %2 Startwerten)</translation>
    </message>
    <message>
        <source>%1 / %2

</source>
        <translation>%1 / %2

</translation>
    </message>
    <message>
        <source>%1 / the form</source>
        <translation>%1 / das Formular</translation>
    </message>
    <message>
        <source>%1 ETA %2</source>
        <translation>%1 noch %2</translation>
    </message>
    <message>
        <source>%1 above %2, up to %3: %4 of %5 instances found</source>
        <translation>%1 über %2, bis %3: %4 von %5 Instanzen gefunden</translation>
    </message>
    <message>
        <source>%1 at step %2</source>
        <translation>%1 bei Schritt %2</translation>
    </message>
    <message>
        <source>%1 belongs to "%2" already. Choose another key, or take it from there first.</source>
        <translation>%1 gehört schon zu „%2“. Wählen Sie eine andere Taste, oder nehmen Sie sie dort zuerst weg.</translation>
    </message>
    <message>
        <source>%1 breaks off: %2. What can be read is shown.</source>
        <translation>%1 bricht ab: %2. Gezeigt wird, was lesbar ist.</translation>
    </message>
    <message>
        <source>%1 cosine</source>
        <translation>%1 Kosinus</translation>
    </message>
    <message>
        <source>%1 cosine, %2 in the middle</source>
        <translation>%1 Kosinus, %2 in der Mitte</translation>
    </message>
    <message>
        <source>%1 could not be started.</source>
        <translation>%1 ließ sich nicht starten.</translation>
    </message>
    <message>
        <source>%1 ends after %2 s; its annotations reach %3 s. Segments past the end are shown hatched.</source>
        <translation>%1 endet nach %2 s; seine Annotationen reichen bis %3 s. Abschnitte hinter dem Ende sind schraffiert.</translation>
    </message>
    <message>
        <source>%1 has no run with a value of %2.</source>
        <translation>%1 hat keinen Lauf mit einem Wert von %2.</translation>
    </message>
    <message>
        <source>%1 holds no run any more: it was moved or removed. Rebuild the tables with "hvlm reproduce --merge".</source>
        <translation>%1 enthält keinen Lauf mehr: verschoben oder gelöscht. Bauen Sie die Tabellen mit „hvlm reproduce --merge“ neu.</translation>
    </message>
    <message>
        <source>%1 holds no run: expected run.json in it or in a folder below.</source>
        <translation>%1 enthält keinen Lauf: erwartet wird run.json darin oder in einem Ordner darunter.</translation>
    </message>
    <message>
        <source>%1 is an event file of the run %2: its curves are shown</source>
        <translation>%1 ist eine Ereignisdatei des Laufs %2: seine Kurven werden gezeigt</translation>
    </message>
    <message>
        <source>%1 is neither a data set (dataset.yaml) or a part of one, a video, a run folder, a reproduction (tables.json), a project (project.json), detections nor a config.</source>
        <translation>%1 ist weder ein Datensatz (dataset.yaml) oder ein Teil davon noch ein Video, ein Laufordner, eine Reproduktion (tables.json), ein Projekt (project.json), Detektionen oder eine Konfiguration.</translation>
    </message>
    <message>
        <source>%1 is not in the data set that is open.</source>
        <translation>%1 gehört nicht zum geöffneten Datensatz.</translation>
    </message>
    <message>
        <source>%1 matched and %2 false predictions, %3 pyramid levels</source>
        <translation>%1 getroffene und %2 falsche Vorhersagen, %3 Pyramidenebenen</translation>
    </message>
    <message>
        <source>%1 mm</source>
        <translation>%1 mm</translation>
    </message>
    <message>
        <source>%1 moved to the trash</source>
        <translation>%1 in den Papierkorb gelegt</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 of %2 drawn</source>
        <translation>%1 von %2 gezeichnet</translation>
    </message>
    <message>
        <source>%1 of %2 is the paper's own statement: no run here stands behind it.</source>
        <translation>%1 von %2 steht so im Aufsatz: hier steht kein Lauf dahinter.</translation>
    </message>
    <message>
        <source>%1 of %2 was measured by "hvlm bench model": no run stands behind it.</source>
        <translation>%1 von %2 wurde mit „hvlm bench model“ gemessen: kein Lauf steht dahinter.</translation>
    </message>
    <message>
        <source>%1 points hidden</source>
        <translation>%1 Punkte verdeckt</translation>
    </message>
    <message>
        <source>%1 predictions are of videos outside the subset: false positives of no video</source>
        <translation>%1 Vorhersagen gehören zu Videos außerhalb der Teilmenge: falsch positive keines Videos</translation>
    </message>
    <message>
        <source>%1 predictions of mean confidence %2: %3 right</source>
        <translation>%1 Vorhersagen mit mittlerer Zuversicht %2: %3 richtig</translation>
    </message>
    <message>
        <source>%1 rows not run yet</source>
        <translation>%1 Zeilen noch nicht gerechnet</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 s   frame %2 / %3</source>
        <translation>%1 s   Bild %2 / %3</translation>
    </message>
    <message>
        <source>%1 steps were averaged to %2 a side; a CSV has every value.</source>
        <translation>%1 Schritte wurden auf %2 je Seite gemittelt; eine CSV-Datei hat jeden Wert.</translation>
    </message>
    <message>
        <source>%1 taken for %2: %3 of %4 (%5)</source>
        <translation>%1 gehalten für %2: %3 von %4 (%5)</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>%1 videos without features are left out, as in the report</source>
        <translation>%1 Videos ohne Merkmale sind weggelassen, wie im Bericht</translation>
    </message>
    <message>
        <source>%1 videos/s</source>
        <translation>%1 Videos/s</translation>
    </message>
    <message>
        <source>%1 was taken for a folder of runs: %2 of them</source>
        <translation>%1 wurde für einen Ordner mit Läufen gehalten: %2 davon</translation>
    </message>
    <message>
        <source>%1 was taken for a folder of videos: %2 of them</source>
        <translation>%1 wurde für einen Ordner mit Videos gehalten: %2 davon</translation>
    </message>
    <message>
        <source>%1 was taken for a project.</source>
        <translation>%1 wurde für ein Projekt gehalten.</translation>
    </message>
    <message>
        <source>%1 was taken for a reproduction: its tables are in the tab Compare.</source>
        <translation>%1 wurde für eine Reproduktion gehalten: ihre Tabellen sind im Reiter Vergleich.</translation>
    </message>
    <message>
        <source>%1 was taken for a run, but it cannot be read: %2</source>
        <translation>%1 wurde für einen Lauf gehalten, lässt sich aber nicht lesen: %2</translation>
    </message>
    <message>
        <source>%1 was taken for a run: %2, step %3</source>
        <translation>%1 wurde für einen Lauf gehalten: %2, Schritt %3</translation>
    </message>
    <message>
        <source>%1 was taken for a training config: the panel Training has its options now.</source>
        <translation>%1 wurde für eine Trainingskonfiguration gehalten: Das Feld Training hat jetzt ihre Optionen.</translation>
    </message>
    <message>
        <source>%1 was taken for a video</source>
        <translation>%1 wurde für ein Video gehalten</translation>
    </message>
    <message>
        <source>%1 was taken for an event file of TensorBoard</source>
        <translation>%1 wurde als Ereignisdatei von TensorBoard gelesen</translation>
    </message>
    <message>
        <source>%1 was taken for annotations: %2 segments of %3 videos</source>
        <translation>%1 wurde als Annotationen gelesen: %2 Abschnitte von %3 Videos</translation>
    </message>
    <message>
        <source>%1 was taken for answers to questions: %2</source>
        <translation>%1 wurde als Antworten auf Fragen gelesen: %2</translation>
    </message>
    <message>
        <source>%1 was taken for captions: %2 sentences on %3 videos</source>
        <translation>%1 wurde als Beschreibungen gelesen: %2 Sätze zu %3 Videos</translation>
    </message>
    <message>
        <source>%1 was taken for detections: %2 segments of %3 videos</source>
        <translation>%1 wurde als Funde gelesen: %2 Abschnitte von %3 Videos</translation>
    </message>
    <message>
        <source>%1 was taken for features of %2 videos, %3 columns</source>
        <translation>%1 wurde als Merkmale von %2 Videos gelesen, %3 Spalten</translation>
    </message>
    <message>
        <source>%1 was taken for questions: %2 on %3 videos</source>
        <translation>%1 wurde als Fragen gelesen: %2 zu %3 Videos</translation>
    </message>
    <message>
        <source>%1 with features, %2 without</source>
        <translation>%1 mit Merkmalen, %2 ohne</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>%1 · %2 %3</source>
        <translation>%1 · %2 %3</translation>
    </message>
    <message numerus="yes">
        <source>%1 · %2 · %3 · %n segment(s) · %4</source>
        <translation><numerusform>%1 · %2 · %3 · %n Segment · %4</numerusform><numerusform>%1 · %2 · %3 · %n Segmente · %4</numerusform></translation>
    </message>
    <message>
        <source>%1 · %2 · cosine similarity %3</source>
        <translation>%1 · %2 · Kosinus-Ähnlichkeit %3</translation>
    </message>
    <message>
        <source>%1 · budget %2 · %3</source>
        <translation>%1 · Budget %2 · %3</translation>
    </message>
    <message>
        <source>%1 · no data set: time only</source>
        <translation>%1 · kein Datensatz: nur die Zeit</translation>
    </message>
    <message>
        <source>%1 · step %2 of %3</source>
        <translation>%1 · Schritt %2 von %3</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>%1 – %2, %3 s</source>
        <translation>%1 – %2, %3 s</translation>
    </message>
    <message>
        <source>%1%2: slope of time %3, of memory %4</source>
        <translation>%1%2: Steigung der Zeit %3, des Speichers %4</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1, %2 levels</source>
        <translation>%1, %2 Ebenen</translation>
    </message>
    <message>
        <source>%1, %2, similarity %3</source>
        <translation>%1, %2, Ähnlichkeit %3</translation>
    </message>
    <message>
        <source>%1, %2: %3</source>
        <translation>%1, %2: %3</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n option(s) changed</source>
        <translation><numerusform>%1, %n Option geändert</numerusform><numerusform>%1, %n Optionen geändert</numerusform></translation>
    </message>
    <message>
        <source>%1, figure</source>
        <translation>%1, Abbildung</translation>
    </message>
    <message>
        <source>%1, there %2</source>
        <translation>%1, dort %2</translation>
    </message>
    <message>
        <source>%1/%2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>%1/%2 evaluations without gain</source>
        <translation>%1/%2 Auswertungen ohne Gewinn</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1: %2 of %3 predictions; without them the average normalised mAP of %4 would be %5 higher</source>
        <translation>%1: %2 von %3 Vorhersagen; ohne sie wäre die mittlere normierte mAP von %4 um %5 höher</translation>
    </message>
    <message>
        <source>%1: %2 of %3 videos right</source>
        <translation>%1: %2 von %3 Videos richtig</translation>
    </message>
    <message>
        <source>%1: %2. %3</source>
        <translation>%1: %2. %3</translation>
    </message>
    <message>
        <source>%1: AP %2 at tIoU %3</source>
        <translation>%1: AP %2 bei tIoU %3</translation>
    </message>
    <message>
        <source>%1: a click collapses this level</source>
        <translation>%1: Ein Klick klappt diese Ebene ein</translation>
    </message>
    <message>
        <source>%1: a click expands this level</source>
        <translation>%1: Ein Klick klappt diese Ebene aus</translation>
    </message>
    <message>
        <source>%1: expected a name ending in %2.</source>
        <translation>%1: Erwartet wird ein Name, der auf %2 endet.</translation>
    </message>
    <message>
        <source>%1: higher is better</source>
        <translation>%1: höher ist besser</translation>
    </message>
    <message>
        <source>%1: lower is better</source>
        <translation>%1: niedriger ist besser</translation>
    </message>
    <message>
        <source>%1: no video of the open data set has this name</source>
        <translation>%1: Kein Video des offenen Datensatzes heißt so</translation>
    </message>
    <message>
        <source>%1: no video%2</source>
        <translation>%1: kein Video%2</translation>
    </message>
    <message>
        <source>%1: stated by the paper, not measured here</source>
        <translation>%1: Angabe des Aufsatzes, hier nicht gemessen</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message numerus="yes">
        <source>%n annotated segment(s), </source>
        <translation><numerusform>%n annotiertes Segment, </numerusform><numerusform>%n annotierte Segmente, </numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation><numerusform>vor %n Tag</numerusform><numerusform>vor %n Tagen</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n fault(s) of another kind or a lower score were left out.</source>
        <translation><numerusform>%n Fehler anderer Art oder mit kleinerer Wertung blieb weg.</numerusform><numerusform>%n Fehler anderer Art oder mit kleinerer Wertung blieben weg.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n figure(s) that are not ticked were left out.</source>
        <translation><numerusform>%n nicht angehakte Abbildung blieb weg.</numerusform><numerusform>%n nicht angehakte Abbildungen blieben weg.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation><numerusform>vor %n Stunde</numerusform><numerusform>vor %n Stunden</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) that wait in the panel Jobs will not begin.</source>
        <translation><numerusform>%n Auftrag, der im Feld Aufträge wartet, wird nicht beginnen.</numerusform><numerusform>%n Aufträge, die im Feld Aufträge warten, werden nicht beginnen.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) wait until the training in the window has ended.</source>
        <translation><numerusform>%n Auftrag wartet, bis das Training im Fenster zu Ende ist.</numerusform><numerusform>%n Aufträge warten, bis das Training im Fenster zu Ende ist.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation><numerusform>vor %n Minute</numerusform><numerusform>vor %n Minuten</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n more run(s) are ticked: at most %1 are compared</source>
        <translation><numerusform>%n weiterer Lauf ist angehakt: verglichen werden höchstens %1</numerusform><numerusform>%n weitere Läufe sind angehakt: verglichen werden höchstens %1</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n more run(s) are ticked: at most %1 are laid over each other.</source>
        <translation><numerusform>%n weiterer Lauf ist angehakt: Höchstens %1 werden übereinandergelegt.</numerusform><numerusform>%n weitere Läufe sind angehakt: Höchstens %1 werden übereinandergelegt.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n more segment(s)</source>
        <translation><numerusform>%n weiterer Abschnitt</numerusform><numerusform>%n weitere Abschnitte</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n point(s) have no place on a logarithmic axis.</source>
        <translation><numerusform>%n Punkt hat auf einer logarithmischen Achse keinen Platz.</numerusform><numerusform>%n Punkte haben auf einer logarithmischen Achse keinen Platz.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n point(s) outside the visible range were left out.</source>
        <translation><numerusform>%n Punkt außerhalb des sichtbaren Bereichs blieb weg.</numerusform><numerusform>%n Punkte außerhalb des sichtbaren Bereichs blieben weg.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n prediction(s) below the threshold were left out.</source>
        <translation><numerusform>%n Vorhersage unter der Schwelle fehlt.</numerusform><numerusform>%n Vorhersagen unter der Schwelle fehlen.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) more than the table takes were left out.</source>
        <translation><numerusform>%n Lauf mehr, als die Tabelle fasst, blieb weg.</numerusform><numerusform>%n Läufe mehr, als die Tabelle fasst, blieben weg.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were dropped:</source>
        <translation><numerusform>%n Ding wurde abgelegt:</numerusform><numerusform>%n Dinge wurden abgelegt:</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n ticked run(s)</source>
        <translation><numerusform>%n angehakter Lauf</numerusform><numerusform>%n angehakte Läufe</numerusform></translation>
    </message>
    <message>
        <source>&amp;Ask about the video</source>
        <translation>Nach dem Video &amp;fragen</translation>
    </message>
    <message>
        <source>&amp;Attention curve</source>
        <translation>&amp;Aufmerksamkeit</translation>
    </message>
    <message>
        <source>&amp;Back to where I was</source>
        <translation>&amp;Zurück, wo ich war</translation>
    </message>
    <message>
        <source>&amp;Cancel…</source>
        <translation>&amp;Verwerfen…</translation>
    </message>
    <message>
        <source>&amp;Class colours…</source>
        <translation>&amp;Klassenfarben…</translation>
    </message>
    <message>
        <source>&amp;Clear marks</source>
        <translation>Marken &amp;löschen</translation>
    </message>
    <message>
        <source>&amp;Clear the jobs that have ended</source>
        <translation>Beendete Aufträge &amp;entfernen</translation>
    </message>
    <message>
        <source>&amp;Command palette</source>
        <translation>&amp;Befehlspalette</translation>
    </message>
    <message>
        <source>&amp;Curves</source>
        <translation>&amp;Kurven</translation>
    </message>
    <message>
        <source>&amp;Differences to the baseline…</source>
        <translation>&amp;Unterschiede zum Bezugslauf…</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Evaluate on validation</source>
        <translation>Auf &amp;validation auswerten</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Exportieren…</translation>
    </message>
    <message>
        <source>&amp;Features</source>
        <translation>&amp;Merkmale</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Follow the cursor while it plays</source>
        <translation>Beim Abspielen dem Zeiger &amp;folgen</translation>
    </message>
    <message>
        <source>&amp;Go to time or frame…</source>
        <translation>&amp;Gehe zu Zeit oder Bild…</translation>
    </message>
    <message>
        <source>&amp;Ground truth</source>
        <translation>&amp;Wahrheit</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;History…</source>
        <translation>&amp;Verlauf…</translation>
    </message>
    <message>
        <source>&amp;Import report…</source>
        <translation>Be&amp;richt über die Daten…</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts…</source>
        <translation>&amp;Tastenkürzel…</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Tasten</translation>
    </message>
    <message>
        <source>&amp;Load a talk…</source>
        <translation>Gespräch &amp;laden…</translation>
    </message>
    <message>
        <source>&amp;Load config…</source>
        <translation>Konfiguration &amp;laden…</translation>
    </message>
    <message>
        <source>&amp;Loop the marks</source>
        <translation>Zwischen den Marken wieder&amp;holen</translation>
    </message>
    <message>
        <source>&amp;Machine report…</source>
        <translation>&amp;Rechnerbericht…</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>&amp;Handbuch</translation>
    </message>
    <message>
        <source>&amp;New job…</source>
        <translation>&amp;Neuer Auftrag…</translation>
    </message>
    <message>
        <source>&amp;New project…</source>
        <translation>&amp;Neues Projekt…</translation>
    </message>
    <message>
        <source>&amp;New run</source>
        <translation>&amp;Neuer Lauf</translation>
    </message>
    <message>
        <source>&amp;Next video</source>
        <translation>&amp;Nächstes Video</translation>
    </message>
    <message>
        <source>&amp;Open data set…</source>
        <translation>Datensatz ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>&amp;Play or pause</source>
        <translation>Ab&amp;spielen oder anhalten</translation>
    </message>
    <message>
        <source>&amp;Predictions</source>
        <translation>&amp;Vorhersagen</translation>
    </message>
    <message>
        <source>&amp;Previous panel</source>
        <translation>&amp;Vorige Tafel</translation>
    </message>
    <message>
        <source>&amp;Previous video</source>
        <translation>V&amp;origes Video</translation>
    </message>
    <message>
        <source>&amp;Queue this run</source>
        <translation>Lauf ein&amp;reihen</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Redo: %1</source>
        <translation>&amp;Wiederholen: %1</translation>
    </message>
    <message>
        <source>&amp;Results</source>
        <translation>&amp;Ergebnisse</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Lauf</translation>
    </message>
    <message>
        <source>&amp;Run or resume</source>
        <translation>&amp;Starten oder fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Save config…</source>
        <translation>Konfiguration &amp;speichern…</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Similarity curve over the video</source>
        <translation>Ähn&amp;lichkeit über dem Video</translation>
    </message>
    <message>
        <source>&amp;Stop and keep</source>
        <translation>&amp;Anhalten und behalten</translation>
    </message>
    <message>
        <source>&amp;Stop the job</source>
        <translation>Auftrag &amp;anhalten</translation>
    </message>
    <message>
        <source>&amp;Tags…</source>
        <translation>&amp;Schlagworte…</translation>
    </message>
    <message>
        <source>&amp;Timeline</source>
        <translation>&amp;Zeitleiste</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Undo: %1</source>
        <translation>&amp;Rückgängig: %1</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Whole video</source>
        <translation>&amp;Ganzes Video</translation>
    </message>
    <message>
        <source>, %1 defects repaired or dropped.</source>
        <translation>, %1 Mängel ausgebessert oder verworfen.</translation>
    </message>
    <message>
        <source>, %1 mixer</source>
        <translation>, %1 mixer</translation>
    </message>
    <message>
        <source>, %1 with features but no annotation</source>
        <translation>, %1 mit Merkmalen, aber ohne Annotation</translation>
    </message>
    <message>
        <source>, best measured</source>
        <translation>, bester gemessener Wert</translation>
    </message>
    <message>
        <source>, claimed by the paper</source>
        <translation>, vom Aufsatz behauptet</translation>
    </message>
    <message>
        <source>, collapsed</source>
        <translation>, kollabiert</translation>
    </message>
    <message>
        <source>-Inf</source>
        <translation>-Inf</translation>
    </message>
    <message>
        <source>1 attention in its window</source>
        <translation>1 Aufmerksamkeit im Fenster</translation>
    </message>
    <message>
        <source>1 class score</source>
        <translation>1 Klassenwert</translation>
    </message>
    <message>
        <source>1 of the row</source>
        <translation>1 der Zeile</translation>
    </message>
    <message>
        <source>1 to 2 min</source>
        <translation>1 bis 2 min</translation>
    </message>
    <message>
        <source>2 h and more</source>
        <translation>2 h und mehr</translation>
    </message>
    <message>
        <source>2 to 5 min</source>
        <translation>2 bis 5 min</translation>
    </message>
    <message>
        <source>30 min to 2 h</source>
        <translation>30 min bis 2 h</translation>
    </message>
    <message>
        <source>30 s to 1 min</source>
        <translation>30 s bis 1 min</translation>
    </message>
    <message>
        <source>5 to 30 min</source>
        <translation>5 bis 30 min</translation>
    </message>
    <message>
        <source>8 × even</source>
        <translation>8 × gleichmäßig</translation>
    </message>
    <message>
        <source>8 × even share</source>
        <translation>8 × gleichmäßiger Anteil</translation>
    </message>
    <message>
        <source>: that of %1 of the open data set</source>
        <translation>: das von %1 des offenen Datensatzes</translation>
    </message>
    <message>
        <source>; %1 are in the open data set and linked to it, %2 are not</source>
        <translation>; %1 gehören zum offenen Datensatz und sind mit ihm verknüpft, %2 nicht</translation>
    </message>
    <message>
        <source>; %1 are in the open data set, %2 are not</source>
        <translation>; %1 gehören zum offenen Datensatz, %2 nicht</translation>
    </message>
    <message>
        <source>; %1 are of the open data set, %2 are not</source>
        <translation>; %1 gehören zum offenen Datensatz, %2 nicht</translation>
    </message>
    <message>
        <source>; %1 cannot be read</source>
        <translation>; %1 lassen sich nicht lesen</translation>
    </message>
    <message>
        <source>; %1 defects</source>
        <translation>; %1 Mängel</translation>
    </message>
    <message>
        <source>; %1 more files were not looked at</source>
        <translation>; %1 weitere Dateien wurden nicht angesehen</translation>
    </message>
    <message>
        <source>; %1 other files</source>
        <translation>; %1 andere Dateien</translation>
    </message>
    <message>
        <source>; no video of the open data set has its name, so it is shown alone</source>
        <translation>; kein Video des offenen Datensatzes heißt so, daher wird es allein gezeigt</translation>
    </message>
    <message>
        <source>; of the data set %1, which is not the open one</source>
        <translation>; vom Datensatz %1, der nicht der offene ist</translation>
    </message>
    <message>
        <source>; of the open data set</source>
        <translation>; vom offenen Datensatz</translation>
    </message>
    <message>
        <source>A column of a paper is 85 mm wide, a page 180 mm.</source>
        <translation>Eine Spalte einer Veröffentlichung ist 85 mm breit, eine Seite 180 mm.</translation>
    </message>
    <message>
        <source>A dataset.yaml beside it makes it a data set.</source>
        <translation>Eine dataset.yaml daneben macht daraus einen Datensatz.</translation>
    </message>
    <message>
        <source>A dataset.yaml with annotations in ActivityNet's format and features in HDF5 or .npy files.</source>
        <translation>Eine dataset.yaml mit Annotationen im ActivityNet-Format und Merkmalen in HDF5- oder .npy-Dateien.</translation>
    </message>
    <message>
        <source>A folder for the project</source>
        <translation>Ein Ordner für das Projekt</translation>
    </message>
    <message>
        <source>A job is running.</source>
        <translation>Ein Auftrag läuft.</translation>
    </message>
    <message>
        <source>A run folder, or a folder of runs, finished or still training.</source>
        <translation>Ein Lauf oder ein Ordner mit Läufen, fertig oder noch im Training.</translation>
    </message>
    <message>
        <source>A run is training.</source>
        <translation>Ein Lauf wird trainiert.</translation>
    </message>
    <message>
        <source>A search through an index of videos and moments, and the vector of a sentence.</source>
        <translation>Eine Suche in einem Index von Videos und Momenten und der Vektor eines Satzes.</translation>
    </message>
    <message>
        <source>A small finished run with its videos, at once and offline; from there it can be made anew.</source>
        <translation>Ein kleiner fertiger Lauf mit seinen Videos, sofort und ohne Netz; von dort lässt er sich neu machen.</translation>
    </message>
    <message>
        <source>A table, curves, a pyramid, a timeline, detections or a clip as a file.</source>
        <translation>Eine Tabelle, Kurven, eine Pyramide, eine Zeitleiste, Erkennungen oder ein Ausschnitt als Datei.</translation>
    </message>
    <message>
        <source>AP at this tIoU</source>
        <translation>AP bei diesem tIoU</translation>
    </message>
    <message>
        <source>AP by class</source>
        <translation>AP nach Klasse</translation>
    </message>
    <message>
        <source>AP, averaged over the thresholds</source>
        <translation>AP, über die Schwellen gemittelt</translation>
    </message>
    <message>
        <source>Ablation</source>
        <translation>Ablation</translation>
    </message>
    <message>
        <source>About %1</source>
        <translation>Über %1</translation>
    </message>
    <message>
        <source>Accuracy by class</source>
        <translation>Genauigkeit nach Klasse</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Actions and their keys</source>
        <translation>Aktionen und ihre Tasten</translation>
    </message>
    <message>
        <source>AdamW learning rate</source>
        <translation>Lernrate von AdamW</translation>
    </message>
    <message>
        <source>Address, e.g. http://127.0.0.1:8080/v1</source>
        <translation>Adresse, z. B. http://127.0.0.1:8080/v1</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>All &amp;levels</source>
        <translation>Alle &amp;Ebenen</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>All metrics that a run supports, with their controls; writes its report.</source>
        <translation>Alle Maße, die ein Lauf hergibt, mit ihren Kontrollen; schreibt seinen Bericht.</translation>
    </message>
    <message>
        <source>All standard</source>
        <translation>Alles Standard</translation>
    </message>
    <message>
        <source>An answer is under way: stop it or wait for it.</source>
        <translation>Eine Antwort ist unterwegs: anhalten oder abwarten.</translation>
    </message>
    <message>
        <source>An imported run has no curves: its training was not seen here. Its detections are in Results, Detection, the run table and the timeline.</source>
        <translation>Ein importierter Lauf hat keine Kurven: Sein Training war hier nicht zu sehen. Seine Funde stehen in Ergebnisse, Detektion, Lauftabelle und Zeitleiste.</translation>
    </message>
    <message>
        <source>Annotated segment</source>
        <translation>Annotierter Abschnitt</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Answer, broken off</source>
        <translation>Antwort, abgebrochen</translation>
    </message>
    <message>
        <source>Answering about %1 …</source>
        <translation>Antwort zu %1 …</translation>
    </message>
    <message>
        <source>Answering …</source>
        <translation>Antwort kommt …</translation>
    </message>
    <message>
        <source>Ask about this video</source>
        <translation>Fragen zu diesem Video</translation>
    </message>
    <message>
        <source>Atte&amp;ntion of two models, and how it was learned</source>
        <translation>Aufmerksamkeit &amp;zweier Modelle, und wie sie gelernt wurde</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Attention as a bo&amp;rder</source>
        <translation>Aufmerksamkeit als &amp;Rahmen</translation>
    </message>
    <message>
        <source>Attention of two models</source>
        <translation>Aufmerksamkeit zweier Modelle</translation>
    </message>
    <message>
        <source>Attention pooling of all levels, forward and backward.</source>
        <translation>Aufmerksamkeits-Pooling aller Ebenen, vorwärts und rückwärts.</translation>
    </message>
    <message>
        <source>Attention weight of a cell in its parent's window</source>
        <translation>Gewicht einer Zelle im Fenster ihrer Elternzelle</translation>
    </message>
    <message>
        <source>Average</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Average mAP</source>
        <translation>Mittlere mAP</translation>
    </message>
    <message>
        <source>Back to %1</source>
        <translation>Zurück zu %1</translation>
    </message>
    <message>
        <source>Back to the form</source>
        <translation>Zurück zum Formular</translation>
    </message>
    <message>
        <source>Backbone</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Baseline</source>
        <translation>Bezugslauf</translation>
    </message>
    <message>
        <source>Begin with nothing</source>
        <translation>Leer beginnen</translation>
    </message>
    <message>
        <source>Best measured value of this column</source>
        <translation>Bester gemessener Wert dieser Spalte</translation>
    </message>
    <message>
        <source>Best tIoU</source>
        <translation>Bestes tIoU</translation>
    </message>
    <message>
        <source>Between videos (R_x)</source>
        <translation>Zwischen Videos (R_x)</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>CAC</source>
        <translation>CAC</translation>
    </message>
    <message>
        <source>CSV (*.csv);;Markdown (*.md);;LaTeX (*.tex)</source>
        <translation>CSV (*.csv);;Markdown (*.md);;LaTeX (*.tex)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the run %1?</source>
        <translation>Den Lauf %1 verwerfen?</translation>
    </message>
    <message>
        <source>Cancel…</source>
        <translation>Verwerfen…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>Gesprächsvorlage</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Sicherungspunkt</translation>
    </message>
    <message>
        <source>Choose a cell of a table of the comparison first.</source>
        <translation>Wählen Sie zuerst eine Zelle einer Tabelle des Vergleichs.</translation>
    </message>
    <message>
        <source>Choose a run in the list first.</source>
        <translation>Wählen Sie zuerst einen Lauf in der Liste.</translation>
    </message>
    <message>
        <source>Choose a video</source>
        <translation>Video wählen</translation>
    </message>
    <message>
        <source>Choose a video in the list: its annotations, predictions, attention and pyramid appear here.</source>
        <translation>Wählen Sie ein Video in der Liste: Annotationen, Vorhersagen, Aufmerksamkeit und Pyramide erscheinen hier.</translation>
    </message>
    <message>
        <source>Choose a video of the data set.</source>
        <translation>Ein Video des Datensatzes wählen.</translation>
    </message>
    <message>
        <source>Choose the folder of a language model</source>
        <translation>Den Ordner eines Sprachmodells wählen</translation>
    </message>
    <message>
        <source>Choose the folder of a language model first.</source>
        <translation>Zuerst den Ordner eines Sprachmodells wählen.</translation>
    </message>
    <message>
        <source>Choose the folder of the new run…</source>
        <translation>Ordner des neuen Laufs wählen…</translation>
    </message>
    <message>
        <source>Choose the video that the talk is about first.</source>
        <translation>Zuerst das Video wählen, um das es geht.</translation>
    </message>
    <message>
        <source>Choose: %1</source>
        <translation>Wählen: %1</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Chosen by you</source>
        <translation>Von Ihnen gewählt</translation>
    </message>
    <message>
        <source>Claimed</source>
        <translation>Behauptet</translation>
    </message>
    <message>
        <source>Claimed rows are the paper's own statements, not measured here; they are never ranked.</source>
        <translation>Behauptete Zeilen sind eigene Angaben der Veröffentlichung, hier nicht gemessen; sie werden nie eingereiht.</translation>
    </message>
    <message>
        <source>Claimed: %1</source>
        <translation>Behauptet: %1</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Class colours</source>
        <translation>Klassenfarben</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>Classes and their colours</source>
        <translation>Klassen und ihre Farben</translation>
    </message>
    <message>
        <source>Classification</source>
        <translation>Klassifikation</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Clear the tal&amp;k about this video</source>
        <translation>Das Gespräch über dieses Video &amp;leeren</translation>
    </message>
    <message>
        <source>Clear the talk about this video</source>
        <translation>Das Gespräch über dieses Video leeren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close &amp;window</source>
        <translation>&amp;Fenster schließen</translation>
    </message>
    <message>
        <source>Close message</source>
        <translation>Meldung schließen</translation>
    </message>
    <message>
        <source>Close the &amp;lost run</source>
        <translation>Den &amp;verlorenen Lauf schließen</translation>
    </message>
    <message>
        <source>Close the lost run</source>
        <translation>Den verlorenen Lauf schließen</translation>
    </message>
    <message>
        <source>Co&amp;mpare: the paper's tables</source>
        <translation>Ver&amp;gleichen: die Tabellen der Arbeit</translation>
    </message>
    <message>
        <source>Co&amp;py the log lines shown</source>
        <translation>Die gezeigten &amp;Protokollzeilen kopieren</translation>
    </message>
    <message>
        <source>Collapse</source>
        <translation>Kollaps</translation>
    </message>
    <message>
        <source>Collapse or expand the chosen level</source>
        <translation>Die gewählte Ebene ein- oder ausklappen</translation>
    </message>
    <message>
        <source>Collapse: standard deviation and effective rank of the step vectors, cosine of steps of different videos (R_x). Rank below 2 or R_x near 1 is collapse, whatever the loss says.</source>
        <translation>Kollaps: Standardabweichung und effektiver Rang der Schrittvektoren, Kosinus von Schritten verschiedener Videos (R_x). Rang unter 2 oder R_x nahe 1 ist ein Kollaps, was auch immer der Verlust sagt.</translation>
    </message>
    <message>
        <source>Collapsed or constant in time: never ranked first</source>
        <translation>Kollabiert oder zeitlich konstant: nie an erster Stelle</translation>
    </message>
    <message>
        <source>Collapsed: never ranked first</source>
        <translation>Kollabiert: nie an erster Stelle</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Colour of its &amp;curves…</source>
        <translation>&amp;Farbe seiner Kurven…</translation>
    </message>
    <message>
        <source>Colour scale of the pyramid</source>
        <translation>Farbskala der Pyramide</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Colours: &amp;dark</source>
        <translation>Farben: &amp;dunkel</translation>
    </message>
    <message>
        <source>Colours: &amp;high contrast</source>
        <translation>Farben: hoher &amp;Kontrast</translation>
    </message>
    <message>
        <source>Colours: &amp;light</source>
        <translation>Farben: &amp;hell</translation>
    </message>
    <message>
        <source>Colours: like the s&amp;ystem</source>
        <translation>Farben: wie das S&amp;ystem</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>Befehlspalette</translation>
    </message>
    <message>
        <source>Command to find</source>
        <translation>Gesuchter Befehl</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Compared runs</source>
        <translation>Verglichene Läufe</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>Verglichen mit</translation>
    </message>
    <message>
        <source>Components</source>
        <translation>Komponenten</translation>
    </message>
    <message>
        <source>Components of a data set's features, to make them narrower.</source>
        <translation>Hauptkomponenten der Merkmale eines Datensatzes, um sie schmaler zu machen.</translation>
    </message>
    <message>
        <source>Config</source>
        <translation>Config</translation>
    </message>
    <message>
        <source>Config of the run</source>
        <translation>Konfiguration des Laufs</translation>
    </message>
    <message>
        <source>Configs (*.yaml *.yml);;All files (*)</source>
        <translation>Konfigurationen (*.yaml *.yml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Configs (*.yaml)</source>
        <translation>Konfigurationen (*.yaml)</translation>
    </message>
    <message>
        <source>Confusion matrix</source>
        <translation>Verwechslungsmatrix</translation>
    </message>
    <message>
        <source>Confusions, reliability and accuracy by class appear here. %1</source>
        <translation>Verwechslungen, Verlässlichkeit und Genauigkeit nach Klasse erscheinen hier. %1</translation>
    </message>
    <message>
        <source>Consistency</source>
        <translation>Konsistenz</translation>
    </message>
    <message>
        <source>Consistency (TC)</source>
        <translation>Konsistenz (TC)</translation>
    </message>
    <message>
        <source>Consistency TC</source>
        <translation>Konsistenz TC</translation>
    </message>
    <message>
        <source>Cop&amp;y the chosen cells</source>
        <translation>Die gewählten Zellen k&amp;opieren</translation>
    </message>
    <message>
        <source>Copied "%1".</source>
        <translation>„%1“ kopiert.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;report</source>
        <translation>&amp;Bericht kopieren</translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation>Als CSV kopieren</translation>
    </message>
    <message>
        <source>Copy as LaTeX</source>
        <translation>Als LaTeX kopieren</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>Als Markdown kopieren</translation>
    </message>
    <message>
        <source>Copy comparison as CS&amp;V</source>
        <translation>Vergleich als CS&amp;V kopieren</translation>
    </message>
    <message>
        <source>Copy comparison as LaTe&amp;X</source>
        <translation>Vergleich als LaTe&amp;X kopieren</translation>
    </message>
    <message>
        <source>Copy comparison as Mar&amp;kdown</source>
        <translation>Vergleich als Mar&amp;kdown kopieren</translation>
    </message>
    <message>
        <source>Copy log</source>
        <translation>Protokoll kopieren</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>Meldung kopieren</translation>
    </message>
    <message>
        <source>Copy table</source>
        <translation>Tabelle kopieren</translation>
    </message>
    <message>
        <source>Copy the command line</source>
        <translation>Befehlszeile kopieren</translation>
    </message>
    <message>
        <source>Copy the command line o&amp;f the chosen job</source>
        <translation>Befehlszeile des gewählten Auftrags ko&amp;pieren</translation>
    </message>
    <message>
        <source>Copy the ffmpeg line</source>
        <translation>ffmpeg-Zeile kopieren</translation>
    </message>
    <message>
        <source>Copy the lines shown</source>
        <translation>Gezeigte Zeilen kopieren</translation>
    </message>
    <message>
        <source>Copy with version</source>
        <translation>Mit Version kopieren</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>Kurven</translation>
    </message>
    <message>
        <source>Curves over &amp;epochs</source>
        <translation>Kurven über &amp;Epochen</translation>
    </message>
    <message>
        <source>Curves over &amp;steps</source>
        <translation>Kurven über &amp;Schritte</translation>
    </message>
    <message>
        <source>Curves over h&amp;ours</source>
        <translation>Kurven über S&amp;tunden</translation>
    </message>
    <message>
        <source>Curves, config, figures and tags of runs as an experiment of MLflow's file store.</source>
        <translation>Kurven, Konfiguration, Zahlen und Schlagworte von Läufen als Experiment im Dateispeicher von MLflow.</translation>
    </message>
    <message>
        <source>Curves: &amp;follow new points</source>
        <translation>Kurven: neuen Punkten &amp;folgen</translation>
    </message>
    <message>
        <source>Curves: c&amp;lip outliers</source>
        <translation>Kurven: A&amp;usreißer abschneiden</translation>
    </message>
    <message>
        <source>Curves: logarithmic hori&amp;zontal axis</source>
        <translation>Kurven: waagerechte Achse &amp;logarithmisch</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>Datensatz</translation>
    </message>
    <message>
        <source>Data sets (*.yaml *.yml)</source>
        <translation>Datensätze (*.yaml *.yml)</translation>
    </message>
    <message>
        <source>Data sets (*.yaml *.yml);;All files (*)</source>
        <translation>Datensätze (*.yaml *.yml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>De&amp;tection</source>
        <translation>De&amp;tektion</translation>
    </message>
    <message>
        <source>Decode by &amp;hardware where it can</source>
        <translation>Mit der &amp;Hardware dekodieren, wo sie kann</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Einzelheiten…</translation>
    </message>
    <message>
        <source>Detection</source>
        <translation>Detektion</translation>
    </message>
    <message>
        <source>Detections of a subset in the ActivityNet format.</source>
        <translation>Funde einer Teilmenge im ActivityNet-Format.</translation>
    </message>
    <message>
        <source>Differences of the configs</source>
        <translation>Unterschiede der Konfigurationen</translation>
    </message>
    <message>
        <source>Differs from %1</source>
        <translation>Weicht ab von %1</translation>
    </message>
    <message>
        <source>Dots an inch</source>
        <translation>Punkte je Zoll</translation>
    </message>
    <message>
        <source>Dots an inch of a PNG; SVG and PDF are vectors.</source>
        <translation>Punkte je Zoll eines PNG; SVG und PDF sind Vektoren.</translation>
    </message>
    <message>
        <source>Draws 200 videos, extracts their features, trains all phases and writes a report. About seven minutes on two cores.</source>
        <translation>Zeichnet 200 Videos, zieht ihre Merkmale, trainiert alle Phasen und schreibt einen Bericht. Etwa sieben Minuten auf zwei Kernen.</translation>
    </message>
    <message>
        <source>ETA %1</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>Each loss term before its weight, and the weighted total</source>
        <translation>Jeder Verlustterm vor seinem Gewicht, und die gewichtete Summe</translation>
    </message>
    <message>
        <source>Each question sends this talk and what the run finds in the video to %1.</source>
        <translation>Jede Frage schickt dieses Gespräch und was der Lauf im Video findet an %1.</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Effective rank</source>
        <translation>Effektiver Rang</translation>
    </message>
    <message>
        <source>Efficiency</source>
        <translation>Effizienz</translation>
    </message>
    <message>
        <source>Embed a subset</source>
        <translation>Teilmenge einbetten</translation>
    </message>
    <message>
        <source>Embed the validation &amp;videos of the run</source>
        <translation>&amp;Validierungsvideos des Laufs einbetten</translation>
    </message>
    <message>
        <source>Embed the validation videos</source>
        <translation>Validierungsvideos einbetten</translation>
    </message>
    <message>
        <source>Embed: %1</source>
        <translation>Einbetten: %1</translation>
    </message>
    <message>
        <source>Embedding (*.safetensors);;All files (*)</source>
        <translation>Einbettung (*.safetensors);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Embedding map</source>
        <translation>Karte der Einbettung</translation>
    </message>
    <message>
        <source>End it at once</source>
        <translation>Sofort beenden</translation>
    </message>
    <message>
        <source>Enter a server's address first.</source>
        <translation>Serveradresse fehlt noch.</translation>
    </message>
    <message>
        <source>Enter opens the video at its first fault</source>
        <translation>Enter öffnet das Video bei seinem ersten Fehler</translation>
    </message>
    <message>
        <source>Enter opens the video at this segment</source>
        <translation>Enter öffnet das Video bei diesem Abschnitt</translation>
    </message>
    <message>
        <source>Enter shows the curve of the class</source>
        <translation>Enter zeigt die Kurve der Klasse</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>Epochs of the first rung</source>
        <translation>Epochen der ersten Stufe</translation>
    </message>
    <message>
        <source>Error profile</source>
        <translation>Fehlerprofil</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Est&amp;imate time and memory</source>
        <translation>Zeit und Speicher &amp;schätzen</translation>
    </message>
    <message>
        <source>Estimate time, memory and disk</source>
        <translation>Zeit, Speicher und Platz schätzen</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>Auswerten</translation>
    </message>
    <message>
        <source>Evaluate a run</source>
        <translation>Lauf auswerten</translation>
    </message>
    <message>
        <source>Evaluate on validation</source>
        <translation>Auf validation auswerten</translation>
    </message>
    <message>
        <source>Evaluate the best checkpoint on the validation subset</source>
        <translation>Den besten Sicherungspunkt auf der Teilmenge validation auswerten</translation>
    </message>
    <message>
        <source>Evaluate the best on validation</source>
        <translation>Besten auf den Validierungsvideos auswerten</translation>
    </message>
    <message>
        <source>Evenly chosen, so that a map stays quick; neighbours are sought among all.</source>
        <translation>Gleichmäßig gewählt, damit eine Karte schnell bleibt; Nachbarn werden unter allen gesucht.</translation>
    </message>
    <message>
        <source>Every export takes these from now on. Change them with File, Export options…</source>
        <translation>Jeder Export nimmt von nun an diese. Ändern mit Datei, Exportoptionen…</translation>
    </message>
    <message>
        <source>Every row and table of the paper, measured beside claimed. Takes long; goes on where it was stopped.</source>
        <translation>Jede Zeile und Tabelle des Aufsatzes, gemessen neben behauptet. Dauert lange; geht weiter, wo es anhielt.</translation>
    </message>
    <message>
        <source>Examine this machine</source>
        <translation>Diesen Rechner prüfen</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>Experiment</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
    <message>
        <source>Export &amp;curves…</source>
        <translation>&amp;Kurven exportieren…</translation>
    </message>
    <message>
        <source>Export &amp;parallel coordinates…</source>
        <translation>&amp;Parallele Koordinaten exportieren…</translation>
    </message>
    <message>
        <source>Export &amp;timeline…</source>
        <translation>&amp;Zeitleiste exportieren…</translation>
    </message>
    <message>
        <source>Export a clip</source>
        <translation>Ausschnitt exportieren</translation>
    </message>
    <message>
        <source>Export a clip with the segments drawn in…</source>
        <translation>Ausschnitt mit eingezeichneten Segmenten exportieren…</translation>
    </message>
    <message>
        <source>Export all cards</source>
        <translation>Alle Karten exportieren</translation>
    </message>
    <message>
        <source>Export all cards…</source>
        <translation>Alle Karten exportieren…</translation>
    </message>
    <message>
        <source>Export co&amp;mparison…</source>
        <translation>Ver&amp;gleich exportieren…</translation>
    </message>
    <message>
        <source>Export comparison</source>
        <translation>Vergleich exportieren</translation>
    </message>
    <message>
        <source>Export comparison…</source>
        <translation>Vergleich exportieren…</translation>
    </message>
    <message>
        <source>Export curves</source>
        <translation>Kurven exportieren</translation>
    </message>
    <message>
        <source>Export detection fi&amp;gure or table…</source>
        <translation>Bild oder Tabelle der Detektion expor&amp;tieren…</translation>
    </message>
    <message>
        <source>Export from a run</source>
        <translation>Aus einem Lauf exportieren</translation>
    </message>
    <message>
        <source>Export optio&amp;ns…</source>
        <translation>Exportopt&amp;ionen…</translation>
    </message>
    <message>
        <source>Export options</source>
        <translation>Exportoptionen</translation>
    </message>
    <message>
        <source>Export r&amp;un table…</source>
        <translation>&amp;Lauftabelle exportieren…</translation>
    </message>
    <message>
        <source>Export result t&amp;able…</source>
        <translation>Ergebnist&amp;abelle exportieren…</translation>
    </message>
    <message>
        <source>Export run table</source>
        <translation>Lauftabelle exportieren</translation>
    </message>
    <message>
        <source>Export runs to MLflow</source>
        <translation>Läufe nach MLflow exportieren</translation>
    </message>
    <message>
        <source>Export table</source>
        <translation>Tabelle exportieren</translation>
    </message>
    <message>
        <source>Export table…</source>
        <translation>Tabelle exportieren…</translation>
    </message>
    <message>
        <source>Export the figure page</source>
        <translation>Abbildungsseite exportieren</translation>
    </message>
    <message>
        <source>Export the pyramid…</source>
        <translation>Pyramide exportieren…</translation>
    </message>
    <message>
        <source>Export the table…</source>
        <translation>Tabelle exportieren…</translation>
    </message>
    <message>
        <source>Export this card…</source>
        <translation>Diese Karte exportieren…</translation>
    </message>
    <message>
        <source>Export this figure or table…</source>
        <translation>Dieses Bild oder diese Tabelle exportieren…</translation>
    </message>
    <message>
        <source>Export this figure…</source>
        <translation>Diese Abbildung exportieren…</translation>
    </message>
    <message>
        <source>Export timeline</source>
        <translation>Zeitleiste exportieren</translation>
    </message>
    <message>
        <source>Export timeline…</source>
        <translation>Zeitleiste exportieren…</translation>
    </message>
    <message>
        <source>Exported %1 frames as %2.</source>
        <translation>%1 Bilder als %2 exportiert.</translation>
    </message>
    <message>
        <source>Exported %1 frames as %2; %3 could not be decoded and were left out.</source>
        <translation>%1 Bilder als %2 exportiert; %3 ließen sich nicht dekodieren und fehlen.</translation>
    </message>
    <message>
        <source>Exported as %1. %2</source>
        <translation>Exportiert als %1. %2</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Extract features</source>
        <translation>Merkmale ziehen</translation>
    </message>
    <message>
        <source>Extraction, evaluation, prediction, reproduction, benchmarks and exports run here, one after the other. Nothing has been started.</source>
        <translation>Merkmale ziehen, auswerten, vorhersagen, reproduzieren, messen und exportieren laufen hier, eins nach dem anderen. Noch wurde nichts gestartet.</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>Voll&amp;bild</translation>
    </message>
    <message>
        <source>FP16 MB</source>
        <translation>FP16 MB</translation>
    </message>
    <message>
        <source>FP32 MB</source>
        <translation>FP32 MB</translation>
    </message>
    <message>
        <source>False positives</source>
        <translation>Falsch positive</translation>
    </message>
    <message>
        <source>Fault</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Faults</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Feature extraction beside the machine's limit.</source>
        <translation>Merkmale ziehen, neben der Grenze des Rechners.</translation>
    </message>
    <message>
        <source>Feature quality</source>
        <translation>Güte der Merkmale</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>Features of video files, one vector a second, in the layout of ActivityNet.</source>
        <translation>Merkmale von Videodateien, ein Vektor je Sekunde, im Aufbau von ActivityNet.</translation>
    </message>
    <message>
        <source>Fi&amp;gure page…</source>
        <translation>Abbildun&amp;gsseite…</translation>
    </message>
    <message>
        <source>Fi&amp;nd in panel</source>
        <translation>In der Tafel su&amp;chen</translation>
    </message>
    <message>
        <source>Figure of the last axis</source>
        <translation>Maß der letzten Achse</translation>
    </message>
    <message>
        <source>Figure page</source>
        <translation>Abbildungsseite</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Abbildungen</translation>
    </message>
    <message>
        <source>Figures on training videos kept out for selection; never the validation subset</source>
        <translation>Maße auf Trainingsvideos, die zur Auswahl zurückgehalten wurden; nie die Teilmenge validation</translation>
    </message>
    <message>
        <source>Figures, in the order of the page</source>
        <translation>Abbildungen, in der Reihenfolge der Seite</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Film strip of the video</source>
        <translation>Filmstreifen des Videos</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Filter the log</source>
        <translation>Protokoll filtern</translation>
    </message>
    <message>
        <source>Finished, running and lost runs appear here, with their verdicts and figures. No folder of runs is open.</source>
        <translation>Fertige, laufende und verlorene Läufe erscheinen hier, mit Urteil und Zahlen. Kein Ordner mit Läufen ist geöffnet.</translation>
    </message>
    <message>
        <source>Fit a PCA</source>
        <translation>Hauptkomponenten bestimmen</translation>
    </message>
    <message>
        <source>Folder of the new run</source>
        <translation>Ordner des neuen Laufs</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Folgen</translation>
    </message>
    <message>
        <source>Follow the cursor</source>
        <translation>Dem Zeiger folgen</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Forward again</source>
        <translation>Wieder vorwärts</translation>
    </message>
    <message>
        <source>Found: %1</source>
        <translation>Gefunden: %1</translation>
    </message>
    <message>
        <source>Frame %1 is missing: %2</source>
        <translation>Bild %1 fehlt: %2</translation>
    </message>
    <message>
        <source>Frame %1 of %2</source>
        <translation>Bild %1 von %2</translation>
    </message>
    <message>
        <source>Frames are those of a video file, and none is open. Go to a time, or link the file.</source>
        <translation>Bilder sind die einer Videodatei, und keine ist offen. Gehen Sie zu einer Zeit, oder verknüpfen Sie die Datei.</translation>
    </message>
    <message>
        <source>From the start</source>
        <translation>Von Anfang an</translation>
    </message>
    <message>
        <source>Go on training</source>
        <translation>Weiter trainieren</translation>
    </message>
    <message>
        <source>Go on training here</source>
        <translation>Hier weiter trainieren</translation>
    </message>
    <message>
        <source>Go on training in the background</source>
        <translation>Im Hintergrund weiter trainieren</translation>
    </message>
    <message>
        <source>Go on with batch %1</source>
        <translation>Weiter mit Stapel %1</translation>
    </message>
    <message>
        <source>Go on with the paused, stopped or lost run</source>
        <translation>Den angehaltenen, gestoppten oder verlorenen Lauf fortsetzen</translation>
    </message>
    <message>
        <source>Go on working</source>
        <translation>Weiter arbeiten</translation>
    </message>
    <message>
        <source>Go on, computing activations again</source>
        <translation>Weiter, Aktivierungen neu berechnen</translation>
    </message>
    <message>
        <source>Go round within the marks</source>
        <translation>Zwischen den Marken kreisen</translation>
    </message>
    <message>
        <source>Go to time or frame</source>
        <translation>Gehe zu Zeit oder Bild</translation>
    </message>
    <message>
        <source>Gradient norms</source>
        <translation>Gradientennormen</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>HDF5 (*.h5);;All files (*)</source>
        <translation>HDF5 (*.h5);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Halt after this step</source>
        <translation>Nach diesem Schritt innehalten</translation>
    </message>
    <message>
        <source>Heads</source>
        <translation>Köpfe</translation>
    </message>
    <message>
        <source>Held-out videos</source>
        <translation>Zurückgehaltene Videos</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>HierarchicalVLM Workbench</source>
        <translation>HierarchicalVLM Workbench</translation>
    </message>
    <message>
        <source>HierarchicalVLM Workbench %1 (%2)</source>
        <translation>HierarchicalVLM Workbench %1 (%2)</translation>
    </message>
    <message>
        <source>HierarchicalVLM Workbench %1 (%2), %3 %4, Qt %5, %6 cores
config %7
data %8
state %9</source>
        <translation>HierarchicalVLM Workbench %1 (%2), %3 %4, Qt %5, %6 Kerne
Einstellungen %7
Daten %8
Zustand %9</translation>
    </message>
    <message>
        <source>Highest class score of the detection head at a cell</source>
        <translation>Höchster Klassenwert des Detektionskopfs an einer Zelle</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Horizontal axis</source>
        <translation>Waagerechte Achse</translation>
    </message>
    <message>
        <source>How alike the steps of the video are to each other appears here, once a run has looked at it.</source>
        <translation>Wie ähnlich sich die Schritte des Videos sind, erscheint hier, sobald ein Lauf es angesehen hat.</translation>
    </message>
    <message>
        <source>How attention was learned</source>
        <translation>Wie Aufmerksamkeit gelernt wurde</translation>
    </message>
    <message>
        <source>How far confidence can be trusted appears here.</source>
        <translation>Wie weit der Zuversicht zu trauen ist, erscheint hier.</translation>
    </message>
    <message>
        <source>How it is mapped</source>
        <translation>Wie abgebildet wird</translation>
    </message>
    <message>
        <source>How it was learned</source>
        <translation>Wie sie gelernt wurde</translation>
    </message>
    <message>
        <source>How long the program takes to start, and to load the compute engine.</source>
        <translation>Wie lange das Programm zum Starten und zum Laden der Rechenmaschine braucht.</translation>
    </message>
    <message>
        <source>How mAP falls as the overlap asked for rises, beside the control rows, appears here.</source>
        <translation>Hier erscheint, wie mAP mit der verlangten Überdeckung fällt, neben den Kontrollzeilen.</translation>
    </message>
    <message>
        <source>How often one class is taken for another appears here.</source>
        <translation>Wie oft eine Klasse für eine andere gehalten wird, erscheint hier.</translation>
    </message>
    <message>
        <source>How options and a figure go together appears here, once several runs with different options are ticked.</source>
        <translation>Wie Optionen und ein Maß zusammenhängen, erscheint hier, sobald mehrere Läufe mit verschiedenen Optionen angehakt sind.</translation>
    </message>
    <message>
        <source>How precision falls as recall rises, by class and on average, appears here.</source>
        <translation>Hier erscheint, wie die Genauigkeit mit wachsender Trefferquote fällt, nach Klasse und im Mittel.</translation>
    </message>
    <message>
        <source>How the pyramid is drawn</source>
        <translation>Wie die Pyramide gezeichnet wird</translation>
    </message>
    <message>
        <source>How the talk becomes the one text that the model reads</source>
        <translation>Wie aus dem Gespräch der eine Text wird, den das Modell liest</translation>
    </message>
    <message>
        <source>How well each class is known appears here.</source>
        <translation>Wie gut jede Klasse erkannt wird, erscheint hier.</translation>
    </message>
    <message>
        <source>Import as a run</source>
        <translation>Als Lauf importieren</translation>
    </message>
    <message>
        <source>Import report</source>
        <translation>Bericht über die Daten</translation>
    </message>
    <message>
        <source>Imported %1</source>
        <translation>Importiert: %1</translation>
    </message>
    <message>
        <source>Imported, they stand beside your runs.</source>
        <translation>Importiert stehen sie neben den eigenen Läufen.</translation>
    </message>
    <message>
        <source>Importing %1 …</source>
        <translation>%1 wird importiert …</translation>
    </message>
    <message>
        <source>Inf</source>
        <translation>Inf</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>Instances</source>
        <translation>Instanzen</translation>
    </message>
    <message>
        <source>Instances that no prediction of at least the score finds</source>
        <translation>Instanzen, die keine Vorhersage mit mindestens diesem Wert findet</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>It belongs to %1.</source>
        <translation>Sie gehört zu %1.</translation>
    </message>
    <message>
        <source>It belongs to %1: open that.
</source>
        <translation>Sie gehört zu %1: das ist zu öffnen.
</translation>
    </message>
    <message>
        <source>It belongs to the run %1.
</source>
        <translation>Sie gehört zum Lauf %1.
</translation>
    </message>
    <message>
        <source>It came back empty.</source>
        <translation>Sie kam leer zurück.</translation>
    </message>
    <message>
        <source>It ended at once, without a word.</source>
        <translation>Er endete sofort, ohne ein Wort.</translation>
    </message>
    <message>
        <source>It gave no sign of life and was ended.</source>
        <translation>Er gab kein Lebenszeichen und wurde beendet.</translation>
    </message>
    <message>
        <source>It lies in no run of this program, which has its curves in metrics.jsonl. TensorBoard shows it:
  %1
</source>
        <translation>Sie liegt in keinem Lauf dieses Programms, das seine Kurven in metrics.jsonl hat. TensorBoard zeigt sie:
  %1
</translation>
    </message>
    <message>
        <source>It needs about %1 of memory, %2 are free: lower train.batch_size.</source>
        <translation>Es braucht etwa %1 Speicher, %2 sind frei: Verkleinern Sie train.batch_size.</translation>
    </message>
    <message>
        <source>It needs about %1 on disk, %2 are free there: choose another run folder.</source>
        <translation>Es braucht etwa %1 auf der Platte, %2 sind dort frei: Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>It was longer than %1 characters; the rest was not waited for.</source>
        <translation>Sie war länger als %1 Zeichen; auf den Rest wurde nicht gewartet.</translation>
    </message>
    <message>
        <source>Its checkpoints, curves and reports go with it. Undo brings it back.</source>
        <translation>Sicherungspunkte, Kurven und Berichte gehen mit. Rückgängig holt ihn zurück.</translation>
    </message>
    <message>
        <source>Its numbers are in %1 beside it.</source>
        <translation>Seine Zahlen stehen in %1 daneben.</translation>
    </message>
    <message>
        <source>Its process is gone: mark the run as stopped. Its checkpoints stay and Resume goes on from the last one.</source>
        <translation>Sein Prozess ist fort: den Lauf als gestoppt vermerken. Seine Prüfpunkte bleiben, und Fortsetzen macht beim letzten weiter.</translation>
    </message>
    <message>
        <source>Its standard key belongs to "%1" now. Take it from there first.</source>
        <translation>Die Standardtaste gehört jetzt zu „%1“. Nehmen Sie sie dort zuerst weg.</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>Auftrag</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Kept in memory until the program ends, never saved; goes into the request's header only.</source>
        <translation>Nur im Speicher, bis das Programm endet, nie gesichert; steht nur im Kopf der Anfrage.</translation>
    </message>
    <message>
        <source>Key, if the server wants one</source>
        <translation>Schlüssel, falls der Server einen verlangt</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Kind of job</source>
        <translation>Art des Auftrags</translation>
    </message>
    <message>
        <source>Known problem</source>
        <translation>Bekanntes Problem</translation>
    </message>
    <message>
        <source>Known problem: %1</source>
        <translation>Bekanntes Problem: %1</translation>
    </message>
    <message>
        <source>L%1 · %2</source>
        <translation>L%1 · %2</translation>
    </message>
    <message>
        <source>Labels over the &amp;video</source>
        <translation>Klassen über dem &amp;Video</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Language model…</source>
        <translation>Sprachmodell…</translation>
    </message>
    <message>
        <source>Language: &amp;English</source>
        <translation>Sprache: &amp;Englisch (English)</translation>
    </message>
    <message>
        <source>Language: &amp;German (Deutsch)</source>
        <translation>Sprache: &amp;Deutsch</translation>
    </message>
    <message>
        <source>Language: like the syste&amp;m</source>
        <translation>Sprache: wie das Syste&amp;m</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Leave the controls out</source>
        <translation>Ohne die Kontrollen</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Link a video file…</source>
        <translation>Videodatei zuordnen…</translation>
    </message>
    <message>
        <source>Link another file…</source>
        <translation>Andere Datei zuordnen…</translation>
    </message>
    <message>
        <source>Load a config</source>
        <translation>Konfiguration laden</translation>
    </message>
    <message>
        <source>Load a config…</source>
        <translation>Konfiguration laden…</translation>
    </message>
    <message>
        <source>Load a talk</source>
        <translation>Gespräch laden</translation>
    </message>
    <message>
        <source>Localisation</source>
        <translation>Lokalisierung</translation>
    </message>
    <message>
        <source>Localised by</source>
        <translation>Lokalisiert durch</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Logarithmic horizontal axis</source>
        <translation>Logarithmische waagerechte Achse</translation>
    </message>
    <message>
        <source>Logarithmic value axis</source>
        <translation>Logarithmische Werteachse</translation>
    </message>
    <message>
        <source>Logarithmic value axis of %1</source>
        <translation>Logarithmische Werteachse von %1</translation>
    </message>
    <message>
        <source>Looking for the video file of %1 …</source>
        <translation>Die Videodatei von %1 wird gesucht …</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>Schleife</translation>
    </message>
    <message>
        <source>Loss terms</source>
        <translation>Verlustterme</translation>
    </message>
    <message>
        <source>Loss terms, consistency and held-out figures of a run appear here, live while it trains. No run is shown: start one in the Training panel or choose one in the list.</source>
        <translation>Verlustterme, Konsistenz und zurückgehaltene Maße eines Laufs erscheinen hier, live während des Trainings. Kein Lauf wird gezeigt: starten Sie einen unter Training, oder wählen Sie einen in der Liste.</translation>
    </message>
    <message>
        <source>Loss terms, consistency and held-out figures of this run appear here. It has measured nothing yet.</source>
        <translation>Verlustterme, Konsistenz und zurückgehaltene Maße dieses Laufs erscheinen hier. Noch hat er nichts gemessen.</translation>
    </message>
    <message>
        <source>Lowest level shown</source>
        <translation>Niedrigste gezeigte Stufe</translation>
    </message>
    <message>
        <source>MFLOPs a step</source>
        <translation>MFLOPs je Schritt</translation>
    </message>
    <message>
        <source>Main</source>
        <translation>Haupt</translation>
    </message>
    <message>
        <source>Main table</source>
        <translation>Haupttabelle</translation>
    </message>
    <message>
        <source>Make a data set of %1</source>
        <translation>Aus %1 einen Datensatz machen</translation>
    </message>
    <message>
        <source>Make dataset.yaml…</source>
        <translation>dataset.yaml anlegen…</translation>
    </message>
    <message>
        <source>Make it anew</source>
        <translation>Neu machen</translation>
    </message>
    <message>
        <source>Make the demo anew</source>
        <translation>Demo neu machen</translation>
    </message>
    <message>
        <source>Manual</source>
        <translation>Handbuch</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Mark &amp;in</source>
        <translation>Marke &amp;Anfang</translation>
    </message>
    <message>
        <source>Mark &amp;out</source>
        <translation>Marke En&amp;de</translation>
    </message>
    <message>
        <source>Measure extraction</source>
        <translation>Merkmale ziehen messen</translation>
    </message>
    <message>
        <source>Measure feature reading</source>
        <translation>Lesen der Merkmale messen</translation>
    </message>
    <message>
        <source>Measure scoring</source>
        <translation>Bewertung messen</translation>
    </message>
    <message>
        <source>Measure search by words</source>
        <translation>Suche nach Wörtern messen</translation>
    </message>
    <message>
        <source>Measure the loss kernel</source>
        <translation>Verlustkern messen</translation>
    </message>
    <message>
        <source>Measure the model's cost</source>
        <translation>Kosten des Modells messen</translation>
    </message>
    <message>
        <source>Measure the pyramid kernel</source>
        <translation>Pyramidenkern messen</translation>
    </message>
    <message>
        <source>Measure the start</source>
        <translation>Start messen</translation>
    </message>
    <message>
        <source>Measure training steps</source>
        <translation>Trainingsschritte messen</translation>
    </message>
    <message>
        <source>Measure video reading</source>
        <translation>Videolesen messen</translation>
    </message>
    <message>
        <source>Measured here</source>
        <translation>Hier gemessen</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
    <message>
        <source>Missed</source>
        <translation>Verpasst</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Moments found</source>
        <translation>Gefundene Stellen</translation>
    </message>
    <message>
        <source>Moments · %1</source>
        <translation>Stellen · %1</translation>
    </message>
    <message>
        <source>Motion and saliency too</source>
        <translation>Auch Bewegung und Auffälligkeit</translation>
    </message>
    <message>
        <source>Move &amp;down</source>
        <translation>Nach &amp;unten</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>Nach &amp;oben</translation>
    </message>
    <message>
        <source>Move the run %1 to the trash?</source>
        <translation>Den Lauf %1 in den Papierkorb legen?</translation>
    </message>
    <message>
        <source>Move to the tras&amp;h…</source>
        <translation>In den &amp;Papierkorb legen…</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>In den Papierkorb legen</translation>
    </message>
    <message>
        <source>N&amp;ote…</source>
        <translation>N&amp;otiz…</translation>
    </message>
    <message>
        <source>NaN</source>
        <translation>NaN</translation>
    </message>
    <message>
        <source>Name of the model; may be left out</source>
        <translation>Name des Modells; darf fehlen</translation>
    </message>
    <message>
        <source>Ne&amp;xt panel</source>
        <translation>Nä&amp;chste Tafel</translation>
    </message>
    <message>
        <source>Nearest</source>
        <translation>Nächste</translation>
    </message>
    <message>
        <source>Nearest neighbours</source>
        <translation>Nächste Nachbarn</translation>
    </message>
    <message>
        <source>Nearest to %1</source>
        <translation>Am nächsten zu %1</translation>
    </message>
    <message>
        <source>Nearest truth</source>
        <translation>Nächste Wahrheit</translation>
    </message>
    <message>
        <source>New job</source>
        <translation>Neuer Auftrag</translation>
    </message>
    <message>
        <source>New job…</source>
        <translation>Neuer Auftrag…</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>Neue Taste</translation>
    </message>
    <message>
        <source>New points move the view; a zoom of yours turns this off</source>
        <translation>Neue Punkte bewegen die Ansicht; eigenes Zoomen schaltet das ab</translation>
    </message>
    <message>
        <source>Next segment edge</source>
        <translation>Nächste Segmentgrenze</translation>
    </message>
    <message>
        <source>No answer: </source>
        <translation>Keine Antwort: </translation>
    </message>
    <message>
        <source>No data set is open.</source>
        <translation>Kein Datensatz ist geöffnet.</translation>
    </message>
    <message>
        <source>No data set is open: the truth to compare with is missing.</source>
        <translation>Kein Datensatz ist offen: Die Wahrheit zum Vergleichen fehlt.</translation>
    </message>
    <message>
        <source>No data set is open: there is nothing to report.</source>
        <translation>Kein Datensatz ist geöffnet: es gibt nichts zu berichten.</translation>
    </message>
    <message>
        <source>No figure is ticked.</source>
        <translation>Keine Abbildung ist angehakt.</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>Keine Taste</translation>
    </message>
    <message>
        <source>No level is chosen: click one of its cells, or go to one in the pyramid with the arrow keys.</source>
        <translation>Keine Ebene ist gewählt: Klicken Sie eine ihrer Zellen an, oder gehen Sie in der Pyramide mit den Pfeiltasten zu einer.</translation>
    </message>
    <message>
        <source>No option has these words</source>
        <translation>Keine Option enthält diese Wörter</translation>
    </message>
    <message>
        <source>No row of this table has a finished run yet.</source>
        <translation>Noch keine Zeile dieser Tabelle hat einen fertigen Lauf.</translation>
    </message>
    <message>
        <source>No row of this table has been measured yet.</source>
        <translation>Noch keine Zeile dieser Tabelle wurde gemessen.</translation>
    </message>
    <message>
        <source>No run is shown.</source>
        <translation>Kein Lauf wird gezeigt.</translation>
    </message>
    <message>
        <source>No run is shown: choose one in the list.</source>
        <translation>Kein Lauf wird gezeigt: wählen Sie einen in der Liste.</translation>
    </message>
    <message>
        <source>No run is shown: choose one that was trained with text.</source>
        <translation>Kein Lauf ist gewählt: einen wählen, der mit Text trainiert wurde.</translation>
    </message>
    <message>
        <source>No video is chosen.</source>
        <translation>Kein Video ist gewählt.</translation>
    </message>
    <message>
        <source>Norm of the gradient of each term, and of all before clipping</source>
        <translation>Gradientennorm jedes Terms, und aller vor dem Beschneiden</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nicht jetzt</translation>
    </message>
    <message>
        <source>Note on %1</source>
        <translation>Notiz zu %1</translation>
    </message>
    <message>
        <source>Notes below the table</source>
        <translation>Anmerkungen unter der Tabelle</translation>
    </message>
    <message>
        <source>Nothing is selected.</source>
        <translation>Nichts ist gewählt.</translation>
    </message>
    <message>
        <source>Of at least the score</source>
        <translation>Mit mindestens diesem Wert</translation>
    </message>
    <message>
        <source>Off: no address is given, nothing is sent.</source>
        <translation>Aus: keine Adresse angegeben, nichts wird gesendet.</translation>
    </message>
    <message>
        <source>Official detection scores of a million made-up predictions.</source>
        <translation>Amtliche Erkennungswerte von einer Million erdachter Vorhersagen.</translation>
    </message>
    <message>
        <source>One epoch of features as training reads them, beside the speed of a copy.</source>
        <translation>Eine Epoche Merkmale, wie das Training sie liest, neben dem Tempo einer Kopie.</translation>
    </message>
    <message>
        <source>One feature step back</source>
        <translation>Einen Merkmalsschritt zurück</translation>
    </message>
    <message>
        <source>One feature step on</source>
        <translation>Einen Merkmalsschritt weiter</translation>
    </message>
    <message>
        <source>One frame back</source>
        <translation>Ein Bild zurück</translation>
    </message>
    <message>
        <source>One frame on</source>
        <translation>Ein Bild vor</translation>
    </message>
    <message>
        <source>One of so many goes on</source>
        <translation>Einer von so vielen kommt weiter</translation>
    </message>
    <message>
        <source>One second back</source>
        <translation>Eine Sekunde zurück</translation>
    </message>
    <message>
        <source>One second on</source>
        <translation>Eine Sekunde vor</translation>
    </message>
    <message>
        <source>Only pyramid level %1</source>
        <translation>Nur Pyramidenebene %1</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
    <message>
        <source>Open %1 (%2)</source>
        <translation>%1 öffnen (%2)</translation>
    </message>
    <message>
        <source>Open &amp;runs…</source>
        <translation>&amp;Läufe öffnen…</translation>
    </message>
    <message>
        <source>Open a data set</source>
        <translation>Datensatz öffnen</translation>
    </message>
    <message>
        <source>Open a data set…</source>
        <translation>Datensatz öffnen…</translation>
    </message>
    <message>
        <source>Open a project: the folder with project.json</source>
        <translation>Projekt öffnen: der Ordner mit project.json</translation>
    </message>
    <message>
        <source>Open a reproduction: the folder with tables.json</source>
        <translation>Reproduktion öffnen: der Ordner mit tables.json</translation>
    </message>
    <message>
        <source>Open a run, or a folder of runs</source>
        <translation>Einen Lauf oder einen Ordner mit Läufen öffnen</translation>
    </message>
    <message>
        <source>Open a video file</source>
        <translation>Videodatei öffnen</translation>
    </message>
    <message>
        <source>Open all the same</source>
        <translation>Trotzdem öffnen</translation>
    </message>
    <message>
        <source>Open another data set…</source>
        <translation>Anderen Datensatz öffnen…</translation>
    </message>
    <message>
        <source>Open data set</source>
        <translation>Datensatz öffnen</translation>
    </message>
    <message>
        <source>Open data set…</source>
        <translation>Datensatz öffnen…</translation>
    </message>
    <message>
        <source>Open or &amp;link a video file…</source>
        <translation>Videodatei öffnen oder &amp;zuordnen…</translation>
    </message>
    <message>
        <source>Open or save a project first: versions are kept each time one is saved.</source>
        <translation>Zuerst ein Projekt öffnen oder speichern: Fassungen entstehen bei jedem Speichern.</translation>
    </message>
    <message>
        <source>Open pro&amp;ject…</source>
        <translation>Pro&amp;jekt öffnen…</translation>
    </message>
    <message>
        <source>Open re&amp;cent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Open re&amp;production…</source>
        <translation>Re&amp;produktion öffnen…</translation>
    </message>
    <message>
        <source>Open rece&amp;nt reproduction</source>
        <translation>&amp;Letzte Reproduktionen</translation>
    </message>
    <message>
        <source>Open reproduction…</source>
        <translation>Reproduktion öffnen…</translation>
    </message>
    <message>
        <source>Open runs…</source>
        <translation>Läufe öffnen…</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>Open the &amp;demo</source>
        <translation>&amp;Demo öffnen</translation>
    </message>
    <message>
        <source>Open the data set they belong to; they are offered as a run then.</source>
        <translation>Den zugehörigen Datensatz öffnen; dann werden sie als Lauf angeboten.</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>Demo öffnen</translation>
    </message>
    <message>
        <source>Open the run behind the &amp;chosen number</source>
        <translation>Den Lauf hinter der &amp;gewählten Zahl öffnen</translation>
    </message>
    <message>
        <source>Open this version</source>
        <translation>Diese Fassung öffnen</translation>
    </message>
    <message>
        <source>Opening one changes nothing that is saved: save the project to keep it.</source>
        <translation>Eine zu öffnen ändert nichts Gespeichertes: zum Behalten das Projekt speichern.</translation>
    </message>
    <message>
        <source>Opening the demo …</source>
        <translation>Die Demo wird geöffnet …</translation>
    </message>
    <message>
        <source>Options that differ from the &amp;preset…</source>
        <translation>Von der &amp;Vorlage abweichende Optionen…</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Sonstiges</translation>
    </message>
    <message>
        <source>Outliers do not set the range; each card says how many points are hidden</source>
        <translation>Ausreißer bestimmen den Bereich nicht; jede Karte sagt, wie viele Punkte verdeckt sind</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Overlap with the truth at which a prediction counts as matched</source>
        <translation>Überdeckung mit der Wahrheit, ab der eine Vorhersage als getroffen gilt</translation>
    </message>
    <message>
        <source>P&amp;in this panel to its video and run</source>
        <translation>Dieses Feld an Video und Lauf an&amp;heften</translation>
    </message>
    <message>
        <source>PCA (*.safetensors);;All files (*)</source>
        <translation>PCA (*.safetensors);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>PCA file</source>
        <translation>PCA-Datei</translation>
    </message>
    <message>
        <source>Paper's tables</source>
        <translation>Tabellen der Arbeit</translation>
    </message>
    <message>
        <source>Parallel coordinates of runs</source>
        <translation>Parallele Koordinaten der Läufe</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Peak MB at 8,192 steps</source>
        <translation>Höchstens MB bei 8 192 Schritten</translation>
    </message>
    <message>
        <source>Peak memory (MB)</source>
        <translation>Spitzenspeicher (MB)</translation>
    </message>
    <message>
        <source>Pictures over the whole video; a click goes there</source>
        <translation>Bilder über das ganze Video; ein Klick geht dorthin</translation>
    </message>
    <message>
        <source>Pin another run as the baseline first: differences are to that one.</source>
        <translation>Heften Sie zuerst einen anderen Lauf als Bezug an: Unterschiede gelten zu ihm.</translation>
    </message>
    <message>
        <source>Pin as &amp;baseline</source>
        <translation>Als &amp;Bezugslauf anheften</translation>
    </message>
    <message>
        <source>Pin the &amp;inspector</source>
        <translation>Die &amp;Werte anheften</translation>
    </message>
    <message>
        <source>Pin the chat</source>
        <translation>Chat anheften</translation>
    </message>
    <message>
        <source>Pin the search</source>
        <translation>Suche anheften</translation>
    </message>
    <message>
        <source>Pin the timeline</source>
        <translation>Zeitleiste anheften</translation>
    </message>
    <message>
        <source>Pin this panel to its video and run</source>
        <translation>Dieses Feld an Video und Lauf anheften</translation>
    </message>
    <message>
        <source>Pinned to %1</source>
        <translation>Angeheftet an %1</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play &amp;backward, faster</source>
        <translation>&amp;Rückwärts, schneller</translation>
    </message>
    <message>
        <source>Play &amp;forward, faster</source>
        <translation>&amp;Vorwärts, schneller</translation>
    </message>
    <message>
        <source>Play from the st&amp;art</source>
        <translation>Von &amp;Anfang an abspielen</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Play or pause, in the video and the timeline</source>
        <translation>Abspielen oder anhalten, im Video und in der Zeitleiste</translation>
    </message>
    <message>
        <source>Play the epochs</source>
        <translation>Epochen abspielen</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>Points of curves, and segments and cells of a timeline as CSV.</source>
        <translation>Punkte von Kurven sowie Abschnitte und Zellen einer Zeitleiste als CSV.</translation>
    </message>
    <message>
        <source>Precision and recall</source>
        <translation>Genauigkeit und Trefferquote</translation>
    </message>
    <message>
        <source>Precision and recall, mAP by tIoU, the error profile, classes and the worst videos appear here.</source>
        <translation>Hier erscheinen Genauigkeit und Trefferquote, mAP nach tIoU, das Fehlerprofil, die Klassen und die schlechtesten Videos.</translation>
    </message>
    <message>
        <source>Predict segments</source>
        <translation>Segmente vorhersagen</translation>
    </message>
    <message>
        <source>Predicted segment</source>
        <translation>Vorhergesagter Abschnitt</translation>
    </message>
    <message>
        <source>Predictions</source>
        <translation>Vorhersagen</translation>
    </message>
    <message>
        <source>Predictions of at least the score that find nothing</source>
        <translation>Vorhersagen mit mindestens diesem Wert, die nichts finden</translation>
    </message>
    <message>
        <source>Predictions with a lower score are not shown</source>
        <translation>Vorhersagen mit kleinerer Wertung werden nicht gezeigt</translation>
    </message>
    <message>
        <source>Presets that come with the program</source>
        <translation>Vorlagen, die zum Programm gehören</translation>
    </message>
    <message>
        <source>Press the new key:</source>
        <translation>Neue Taste drücken:</translation>
    </message>
    <message>
        <source>Previous segment edge</source>
        <translation>Vorige Segmentgrenze</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Project &amp;versions…</source>
        <translation>&amp;Fassungen des Projekts…</translation>
    </message>
    <message>
        <source>Pyrami&amp;d</source>
        <translation>Pyrami&amp;de</translation>
    </message>
    <message>
        <source>Pyramid</source>
        <translation>Pyramide</translation>
    </message>
    <message>
        <source>Pyramid cell</source>
        <translation>Pyramidenzelle</translation>
    </message>
    <message>
        <source>Pyramid le&amp;vel</source>
        <translation>Pyramiden&amp;ebene</translation>
    </message>
    <message>
        <source>Pyramid: to the child with the most attention</source>
        <translation>Pyramide: zum Kind mit der meisten Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Pyramid: to the node after</source>
        <translation>Pyramide: zum Knoten danach</translation>
    </message>
    <message>
        <source>Pyramid: to the node before</source>
        <translation>Pyramide: zum Knoten davor</translation>
    </message>
    <message>
        <source>Pyramid: to the parent</source>
        <translation>Pyramide: zum Elternknoten</translation>
    </message>
    <message>
        <source>Question about the video</source>
        <translation>Frage zum Video</translation>
    </message>
    <message>
        <source>Questions about a video are answered here: by the run's own heads, or by a language model that reads what the run finds.</source>
        <translation>Hier werden Fragen zu einem Video beantwortet: von den eigenen Köpfen des Laufs oder von einem Sprachmodell, das liest, was der Lauf findet.</translation>
    </message>
    <message>
        <source>Questions about this video and their answers appear here, with the moments they speak of as links. Nothing has been asked yet: write below.</source>
        <translation>Fragen zu diesem Video und ihre Antworten erscheinen hier, mit den Momenten, von denen sie sprechen, als Links. Noch ist nichts gefragt: Schreiben Sie unten.</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>Einreihen</translation>
    </message>
    <message>
        <source>R_x</source>
        <translation>R_x</translation>
    </message>
    <message>
        <source>R_x %1</source>
        <translation>R_x %1</translation>
    </message>
    <message>
        <source>Random search with successive halving on a held-out slice of the training videos; goes on where it was stopped.</source>
        <translation>Zufallssuche mit fortgesetzter Halbierung auf zurückgehaltenen Trainingsvideos; geht weiter, wo sie angehalten wurde.</translation>
    </message>
    <message>
        <source>Re-check file</source>
        <translation>Datei erneut prüfen</translation>
    </message>
    <message>
        <source>Read the run list &amp;again</source>
        <translation>Laufliste neu &amp;lesen</translation>
    </message>
    <message>
        <source>Reading %1 …</source>
        <translation>%1 wird gelesen …</translation>
    </message>
    <message>
        <source>Reading the data set …</source>
        <translation>Der Datensatz wird gelesen …</translation>
    </message>
    <message>
        <source>Reading the predictions …</source>
        <translation>Die Vorhersagen werden gelesen …</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Reliability</source>
        <translation>Verlässlichkeit</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Reproduce the tables</source>
        <translation>Tabellen reproduzieren</translation>
    </message>
    <message>
        <source>Reset %1</source>
        <translation>%1 zurücksetzen</translation>
    </message>
    <message>
        <source>Reset la&amp;yout</source>
        <translation>&amp;Anordnung zurücksetzen</translation>
    </message>
    <message>
        <source>Result table</source>
        <translation>Ergebnistabelle</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Results (*.json);;All files (*)</source>
        <translation>Ergebnisse (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>Rows 4 and 5 of the ablation have no finished run yet.</source>
        <translation>Die Zeilen 4 und 5 der Ablation haben noch keinen fertigen Lauf.</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Run folder</source>
        <translation>Laufordner</translation>
    </message>
    <message>
        <source>Run ta&amp;ble</source>
        <translation>Lauf&amp;tabelle</translation>
    </message>
    <message>
        <source>Run the chosen job a&amp;gain</source>
        <translation>Den gewählten Auftrag n&amp;och einmal ausführen</translation>
    </message>
    <message>
        <source>Run to compare with</source>
        <translation>Lauf zum Vergleichen</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Runs side by side appear here: what differs between them, their figures, seeds as mean ± sd. Open a run, and tick others in the list to compare.</source>
        <translation>Läufe nebeneinander erscheinen hier: was sie unterscheidet, ihre Zahlen, Startwerte als Mittel ± Abweichung. Öffnen Sie einen Lauf, und haken Sie andere in der Liste zum Vergleich an.</translation>
    </message>
    <message>
        <source>SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv)</source>
        <translation>SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv)</translation>
    </message>
    <message>
        <source>SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv);;pgfplots (*.tex)</source>
        <translation>SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv);;pgfplots (*.tex)</translation>
    </message>
    <message>
        <source>SVG figure (*.svg);;PDF figure (*.pdf);;PNG figure (*.png)</source>
        <translation>SVG-Abbildung (*.svg);;PDF-Abbildung (*.pdf);;PNG-Abbildung (*.png)</translation>
    </message>
    <message>
        <source>Sa&amp;ve project as…</source>
        <translation>Projekt speichern &amp;unter…</translation>
    </message>
    <message>
        <source>Save projec&amp;t</source>
        <translation>Projek&amp;t speichern</translation>
    </message>
    <message>
        <source>Save the &amp;talk…</source>
        <translation>&amp;Gespräch speichern…</translation>
    </message>
    <message>
        <source>Save the talk</source>
        <translation>Gespräch speichern</translation>
    </message>
    <message>
        <source>Save this config</source>
        <translation>Diese Konfiguration speichern</translation>
    </message>
    <message>
        <source>Save this config…</source>
        <translation>Diese Konfiguration speichern…</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>Gespeichert als %1</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Score &amp;threshold</source>
        <translation>&amp;Schwelle des Werts</translation>
    </message>
    <message>
        <source>Score threshold</source>
        <translation>Schwelle des Werts</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message>
        <source>Search actions</source>
        <translation>Aktionen suchen</translation>
    </message>
    <message>
        <source>Search by &amp;words</source>
        <translation>Suche mit &amp;Worten</translation>
    </message>
    <message>
        <source>Search by words</source>
        <translation>Mit Worten suchen</translation>
    </message>
    <message>
        <source>Search config keys</source>
        <translation>Config-Schlüssel suchen</translation>
    </message>
    <message>
        <source>Search id or class</source>
        <translation>Kennung oder Klasse suchen</translation>
    </message>
    <message>
        <source>Search name, state, tag or note</source>
        <translation>Name, Zustand, Schlagwort oder Notiz suchen</translation>
    </message>
    <message>
        <source>Search options</source>
        <translation>Optionen suchen</translation>
    </message>
    <message>
        <source>Search runs</source>
        <translation>Läufe suchen</translation>
    </message>
    <message>
        <source>Search videos</source>
        <translation>Videos suchen</translation>
    </message>
    <message>
        <source>Searching</source>
        <translation>Sucht</translation>
    </message>
    <message>
        <source>Searching … The first search of a run makes its index.</source>
        <translation>Sucht … Die erste Suche eines Laufs legt dessen Index an.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Seeds</source>
        <translation>Startwerte</translation>
    </message>
    <message>
        <source>Seeking and decoding on this machine.</source>
        <translation>Springen und Dekodieren auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Seg.</source>
        <translation>Seg.</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>Abschnitt</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation>Segmente</translation>
    </message>
    <message>
        <source>Self-similarity</source>
        <translation>Selbstähnlichkeit</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send (Enter); Shift+Enter begins a new line</source>
        <translation>Senden (Eingabe); Umschalt+Eingabe beginnt eine neue Zeile</translation>
    </message>
    <message>
        <source>Send the &amp;question about the video</source>
        <translation>Die &amp;Frage zum Video senden</translation>
    </message>
    <message>
        <source>Server…</source>
        <translation>Server…</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Share of a cell in the video vector, relative to an even spread over its level; logarithmic</source>
        <translation>Anteil einer Zelle am Videovektor, bezogen auf gleichmäßige Verteilung über ihre Ebene; logarithmisch</translation>
    </message>
    <message>
        <source>Show the v&amp;ideo</source>
        <translation>V&amp;ideo zeigen</translation>
    </message>
    <message>
        <source>Side</source>
        <translation>Neben</translation>
    </message>
    <message>
        <source>Similarity</source>
        <translation>Ähnlichkeit</translation>
    </message>
    <message>
        <source>Slope of memory</source>
        <translation>Steigung des Speichers</translation>
    </message>
    <message>
        <source>Slope of time</source>
        <translation>Steigung der Zeit</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Suchraum</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>Speed and memory of training on random features or a data set, and what packing wastes.</source>
        <translation>Tempo und Speicher des Trainings mit zufälligen Merkmalen oder einem Datensatz, und was das Packen verschwendet.</translation>
    </message>
    <message>
        <source>Speed; playing on or backward again doubles it</source>
        <translation>Tempo; nochmals vor- oder rückwärts verdoppelt es</translation>
    </message>
    <message>
        <source>Spread of features</source>
        <translation>Streuung der Merkmale</translation>
    </message>
    <message>
        <source>Standard c&amp;olour of its curves</source>
        <translation>Übliche F&amp;arbe seiner Kurven</translation>
    </message>
    <message>
        <source>Standard colour</source>
        <translation>Standardfarbe</translation>
    </message>
    <message>
        <source>Standard deviation over all steps, per dimension</source>
        <translation>Standardabweichung über alle Schritte, je Dimension</translation>
    </message>
    <message>
        <source>Standard key</source>
        <translation>Standardtaste</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Start a new run</source>
        <translation>Einen neuen Lauf starten</translation>
    </message>
    <message>
        <source>Start anyway</source>
        <translation>Trotzdem starten</translation>
    </message>
    <message>
        <source>Start it now, beside the training in the window</source>
        <translation>Jetzt starten, neben dem Training im Fenster</translation>
    </message>
    <message>
        <source>Started (UTC)</source>
        <translation>Begonnen (UTC)</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Stated by the paper, not measured here</source>
        <translation>Angabe des Aufsatzes, hier nicht gemessen</translation>
    </message>
    <message>
        <source>Steps a second</source>
        <translation>Schritte je Sekunde</translation>
    </message>
    <message>
        <source>Steps/s at 1,000 steps</source>
        <translation>Schritte/s bei 1 000 Schritten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop after this step and keep a checkpoint</source>
        <translation>Nach diesem Schritt anhalten und einen Prüfpunkt behalten</translation>
    </message>
    <message>
        <source>Stop after this step and move the run to the trash; asks first</source>
        <translation>Nach diesem Schritt stoppen und den Lauf in den Papierkorb legen; fragt vorher</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>Anhalten, behalten</translation>
    </message>
    <message>
        <source>Stop and keep what is done</source>
        <translation>Anhalten und Fertiges behalten</translation>
    </message>
    <message>
        <source>Stop and move to the trash</source>
        <translation>Stoppen und in den Papierkorb legen</translation>
    </message>
    <message>
        <source>Stop the ans&amp;wer</source>
        <translation>Die Ant&amp;wort anhalten</translation>
    </message>
    <message>
        <source>Stop, keep and close</source>
        <translation>Anhalten, behalten, schließen</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Angehalten.</translation>
    </message>
    <message>
        <source>Stopping keeps a checkpoint of this very step; Resume goes on from it later. In the background, a process of its own goes on from there; opening the run again follows it.</source>
        <translation>Anhalten sichert genau diesen Schritt; Fortsetzen geht später von dort weiter. Im Hintergrund macht ein eigener Prozess dort weiter; wer den Lauf öffnet, folgt ihm.</translation>
    </message>
    <message>
        <source>Stopping keeps what it has finished; the same job goes on from there later.</source>
        <translation>Anhalten behält, was fertig ist; derselbe Auftrag geht später von dort weiter.</translation>
    </message>
    <message>
        <source>Style</source>
        <translation>Stil</translation>
    </message>
    <message>
        <source>Subset</source>
        <translation>Teilmenge</translation>
    </message>
    <message>
        <source>Subset that is searched</source>
        <translation>Teilmenge, die durchsucht wird</translation>
    </message>
    <message>
        <source>T&amp;ools</source>
        <translation>&amp;Werkzeuge</translation>
    </message>
    <message>
        <source>TC</source>
        <translation>TC</translation>
    </message>
    <message>
        <source>TC of this video</source>
        <translation>TC dieses Videos</translation>
    </message>
    <message>
        <source>TC: mean cosine of neighbouring steps. R_x: of steps of different videos. CAC = (TC - R_x) / (1 - R_x)</source>
        <translation>TC: mittlerer Kosinus benachbarter Schritte. R_x: von Schritten verschiedener Videos. CAC = (TC - R_x) / (1 - R_x)</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>Tags of %1</source>
        <translation>Schlagworte von %1</translation>
    </message>
    <message>
        <source>Tags that belong to no other card</source>
        <translation>Kurven, die zu keiner anderen Karte gehören</translation>
    </message>
    <message>
        <source>Tags, with commas between them; "-" takes all away</source>
        <translation>Schlagworte, mit Kommas dazwischen; „-“ nimmt alle weg</translation>
    </message>
    <message>
        <source>Take from the list</source>
        <translation>Aus der Liste nehmen</translation>
    </message>
    <message>
        <source>Take it up</source>
        <translation>Wieder aufnehmen</translation>
    </message>
    <message>
        <source>Take the chosen job from the &amp;list</source>
        <translation>Den gewählten Auftrag aus der &amp;Liste nehmen</translation>
    </message>
    <message>
        <source>Taken as the data set "%1": %2 videos, </source>
        <translation>Gelesen als Datensatz „%1“: %2 Videos, </translation>
    </message>
    <message>
        <source>Talk</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>Talks (*.json)</source>
        <translation>Gespräche (*.json)</translation>
    </message>
    <message>
        <source>Talks (*.json);;All files (*)</source>
        <translation>Gespräche (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Temporal pyramid</source>
        <translation>Zeitliche Pyramide</translation>
    </message>
    <message>
        <source>That is on this computer.</source>
        <translation>Das ist auf diesem Rechner.</translation>
    </message>
    <message>
        <source>The background process did not take over: %1 The run is stopped and kept: Resume goes on here.</source>
        <translation>Der Hintergrundprozess hat nicht übernommen: %1 Der Lauf ist gestoppt und behalten: Fortsetzen macht hier weiter.</translation>
    </message>
    <message>
        <source>The chosen class colours could not be read and were set aside as %1. %2</source>
        <translation>Die gewählten Klassenfarben waren nicht lesbar und liegen als %1 beiseite. %2</translation>
    </message>
    <message>
        <source>The chosen figure one place down (Alt+Down)</source>
        <translation>Die gewählte Abbildung einen Platz nach unten (Alt+Ab)</translation>
    </message>
    <message>
        <source>The chosen figure one place up (Alt+Up)</source>
        <translation>Die gewählte Abbildung einen Platz nach oben (Alt+Auf)</translation>
    </message>
    <message>
        <source>The chosen keys are kept as %1.</source>
        <translation>Die gewählten Tasten sind als %1 aufgehoben.</translation>
    </message>
    <message>
        <source>The chosen keys clash (%1): the standard keys are in place.</source>
        <translation>Die gewählten Tasten widersprechen sich (%1): es gelten die Standardtasten.</translation>
    </message>
    <message>
        <source>The chosen keys could not be read and were set aside as %1; the standard keys are in place. %2</source>
        <translation>Die gewählten Tasten waren nicht lesbar und liegen als %1 beiseite; es gelten die Standardtasten. %2</translation>
    </message>
    <message>
        <source>The class that is shown strongly</source>
        <translation>Die Klasse, die kräftig gezeigt wird</translation>
    </message>
    <message>
        <source>The configs are the same.</source>
        <translation>Die Konfigurationen sind gleich.</translation>
    </message>
    <message>
        <source>The engine is not connected to this window.</source>
        <translation>Das Rechenwerk ist mit diesem Fenster nicht verbunden.</translation>
    </message>
    <message>
        <source>The finished demo that comes with the program: eight of its 200 videos.</source>
        <translation>Die fertige Demo, die zum Programm gehört: acht ihrer 200 Videos.</translation>
    </message>
    <message numerus="yes">
        <source>The first %1 runs of the list; %n more can be brought here by sorting it.</source>
        <translation><numerusform>Die ersten %1 Läufe der Liste; %n weiterer lässt sich durch Sortieren herholen.</numerusform><numerusform>Die ersten %1 Läufe der Liste; %n weitere lassen sich durch Sortieren herholen.</numerusform></translation>
    </message>
    <message>
        <source>The folder of a language model: config.json, tokenizer and weights</source>
        <translation>Der Ordner eines Sprachmodells: config.json, Tokenizer und Gewichte</translation>
    </message>
    <message>
        <source>The highest overlap of a prediction of at least the score with an instance of its class</source>
        <translation>Die höchste Überdeckung einer Vorhersage mit mindestens diesem Wert mit einer Instanz ihrer Klasse</translation>
    </message>
    <message>
        <source>The history of earlier sessions could not be read and was set aside as %1. %2</source>
        <translation>Der Verlauf früherer Sitzungen war nicht lesbar und liegt nun als %1 beiseite. %2</translation>
    </message>
    <message>
        <source>The language changes with the next start.</source>
        <translation>Die Sprache wechselt mit dem nächsten Start.</translation>
    </message>
    <message>
        <source>The language changes with the next start. The size of text is the desktop's.</source>
        <translation>Die Sprache ändert sich mit dem nächsten Start. Die Textgröße ist die der Arbeitsumgebung.</translation>
    </message>
    <message>
        <source>The layout of the project %1 cannot be taken up: the panels stay as they are.</source>
        <translation>Die Anordnung des Projekts %1 lässt sich nicht übernehmen: Die Felder bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>The map of what the model takes for alike, and the nearest neighbours of a moment, appear here. %1</source>
        <translation>Die Karte dessen, was das Modell für ähnlich hält, und die nächsten Nachbarn eines Augenblicks erscheinen hier. %1</translation>
    </message>
    <message numerus="yes">
        <source>The marked range holds %n step(s).</source>
        <translation><numerusform>Der markierte Bereich hat %n Schritt.</numerusform><numerusform>Der markierte Bereich hat %n Schritte.</numerusform></translation>
    </message>
    <message>
        <source>The measured figures of a run appear here, beside its controls and the paper's claims. No run is shown.</source>
        <translation>Die gemessenen Zahlen eines Laufs erscheinen hier, neben seinen Kontrollen und den Behauptungen des Aufsatzes. Kein Lauf wird gezeigt.</translation>
    </message>
    <message>
        <source>The measured figures of this run appear here, beside its controls and the paper's claims. It has no report yet.</source>
        <translation>Die gemessenen Zahlen dieses Laufs erscheinen hier, neben seinen Kontrollen und den Behauptungen des Aufsatzes. Er hat noch keinen Bericht.</translation>
    </message>
    <message>
        <source>The measuring program could not be started.</source>
        <translation>Das Messprogramm ließ sich nicht starten.</translation>
    </message>
    <message>
        <source>The paper's tables appear here: what was measured beside what is claimed, and the runs behind each number. No reproduction is open. Make one with "hvlm reproduce --data DATASET.yaml --out OUT", then open OUT.</source>
        <translation>Die Tabellen des Aufsatzes erscheinen hier: Gemessenes neben Behauptetem, und die Läufe hinter jeder Zahl. Keine Reproduktion ist geöffnet. Machen Sie eine mit „hvlm reproduce --data DATASET.yaml --out OUT“, und öffnen Sie OUT.</translation>
    </message>
    <message>
        <source>The program ended unexpectedly. Last line: %1</source>
        <translation>Das Programm endete unerwartet. Letzte Zeile: %1</translation>
    </message>
    <message>
        <source>The project has changes that are not saved (File &gt; Save project).</source>
        <translation>Das Projekt hat Änderungen, die nicht gespeichert sind (Datei &gt; Projekt speichern).</translation>
    </message>
    <message>
        <source>The report cannot be read, so there are no control rows: %1</source>
        <translation>Der Bericht ist nicht lesbar, daher fehlen die Kontrollzeilen: %1</translation>
    </message>
    <message>
        <source>The run whose options and figures are set beside those of the run shown</source>
        <translation>Der Lauf, dessen Optionen und Zahlen neben die des gezeigten gestellt werden</translation>
    </message>
    <message>
        <source>The same from the command line</source>
        <translation>Dasselbe von der Befehlszeile</translation>
    </message>
    <message>
        <source>The saved layout could not be taken up (%1): the standard one is in place.</source>
        <translation>Die gespeicherte Anordnung ließ sich nicht übernehmen (%1): Die übliche gilt.</translation>
    </message>
    <message>
        <source>The saved layout could not be taken up (%1): the standard one is in place. The session as it was is kept as %2.</source>
        <translation>Die gespeicherte Anordnung ließ sich nicht übernehmen (%1): Die übliche gilt. Die Sitzung, wie sie war, ist als %2 aufgehoben.</translation>
    </message>
    <message>
        <source>The saved window layout could not be read and was set aside as %1. %2</source>
        <translation>Die gespeicherte Anordnung war nicht lesbar und liegt als %1 beiseite. %2</translation>
    </message>
    <message>
        <source>The talk was saved as %1.</source>
        <translation>Das Gespräch wurde als %1 gespeichert.</translation>
    </message>
    <message>
        <source>The talks of earlier sessions could not be read and were set aside as talks.json.bad. %1</source>
        <translation>Die Gespräche früherer Sitzungen ließen sich nicht lesen und wurden als talks.json.bad beiseitegelegt. %1</translation>
    </message>
    <message>
        <source>The temporal loss, forward and backward.</source>
        <translation>Der zeitliche Verlust, vorwärts und rückwärts.</translation>
    </message>
    <message>
        <source>The temporal pyramid of the chosen video appears here, once a run has looked at it.</source>
        <translation>Die zeitliche Pyramide des gewählten Videos erscheint hier, sobald ein Lauf es angesehen hat.</translation>
    </message>
    <message>
        <source>The timeline no longer goes along with the cursor while it plays.</source>
        <translation>Die Zeitleiste geht beim Abspielen nicht mehr mit dem Zeiger mit.</translation>
    </message>
    <message>
        <source>The timeline of a video appears here: annotations, predictions, attention and the temporal pyramid. No data set is open.</source>
        <translation>Die Zeitleiste eines Videos erscheint hier: Annotationen, Vorhersagen, Aufmerksamkeit und die zeitliche Pyramide. Kein Datensatz ist geöffnet.</translation>
    </message>
    <message>
        <source>The vectors are being computed; see the panel Jobs.</source>
        <translation>Die Vektoren werden berechnet; siehe Aufträge.</translation>
    </message>
    <message>
        <source>The vectors of this run's validation videos have not been computed yet.</source>
        <translation>Die Vektoren der Validierungsvideos dieses Laufs wurden noch nicht berechnet.</translation>
    </message>
    <message>
        <source>The video file of %1</source>
        <translation>Die Videodatei von %1</translation>
    </message>
    <message>
        <source>The video is at its end.</source>
        <translation>Das Video ist am Ende.</translation>
    </message>
    <message>
        <source>The video of the selected id appears here, in step with the timeline.</source>
        <translation>Das Video der gewählten Kennung erscheint hier, im Takt der Zeitleiste.</translation>
    </message>
    <message>
        <source>The video of the selected id appears here, in step with the timeline. Drop a video file to look at it alone.</source>
        <translation>Das Video der gewählten Kennung erscheint hier, im Takt der Zeitleiste. Eine hierher gezogene Videodatei wird allein gezeigt.</translation>
    </message>
    <message>
        <source>The videos of a data set appear here, with their lengths and classes. No data set is open.</source>
        <translation>Die Videos eines Datensatzes erscheinen hier, mit Längen und Klassen. Kein Datensatz ist geöffnet.</translation>
    </message>
    <message>
        <source>The window was not closed last time. Take up again what was open at %1?</source>
        <translation>Das Fenster wurde zuletzt nicht geschlossen. Wieder aufnehmen, was um %1 offen war?</translation>
    </message>
    <message>
        <source>The window was not closed last time; what was open is kept as %1</source>
        <translation>Das Fenster wurde zuletzt nicht geschlossen; was offen war, ist als %1 aufgehoben</translation>
    </message>
    <message>
        <source>There are no curves to export: show a run first.</source>
        <translation>Keine Kurven zu exportieren: zeigen Sie zuerst einen Lauf.</translation>
    </message>
    <message>
        <source>There are no figures yet: show a run first.</source>
        <translation>Noch keine Abbildungen: zeigen Sie zuerst einen Lauf.</translation>
    </message>
    <message>
        <source>There are no videos in the subset "%1".</source>
        <translation>Die Teilmenge „%1“ enthält keine Videos.</translation>
    </message>
    <message>
        <source>There is no earlier version yet: each time the project is saved, what was there before becomes one.</source>
        <translation>Es gibt noch keine frühere Fassung: bei jedem Speichern wird der vorige Stand zu einer.</translation>
    </message>
    <message>
        <source>There is no figure to export yet.</source>
        <translation>Noch keine Abbildung zu exportieren.</translation>
    </message>
    <message>
        <source>There is no frame %1: the video has frames 0 to %2.</source>
        <translation>Es gibt kein Bild %1: Das Video hat die Bilder 0 bis %2.</translation>
    </message>
    <message>
        <source>There is no table of runs to export: open a run first.</source>
        <translation>Keine Lauftabelle zu exportieren: öffnen Sie zuerst einen Lauf.</translation>
    </message>
    <message>
        <source>There is no table to copy: open a reproduction first.</source>
        <translation>Keine Tabelle zu kopieren: öffnen Sie zuerst eine Reproduktion.</translation>
    </message>
    <message>
        <source>There is no table to export: evaluate the run first.</source>
        <translation>Keine Tabelle zu exportieren: werten Sie den Lauf zuerst aus.</translation>
    </message>
    <message>
        <source>There is no talk about a video to save yet.</source>
        <translation>Es gibt noch kein Gespräch über ein Video zu speichern.</translation>
    </message>
    <message>
        <source>There is no timeline to export: choose a video first.</source>
        <translation>Keine Zeitleiste zu exportieren: wählen Sie zuerst ein Video.</translation>
    </message>
    <message>
        <source>There is no video file for %1: the timeline works from its features alone.</source>
        <translation>Zu %1 gibt es keine Videodatei: die Zeitleiste arbeitet allein mit den Merkmalen.</translation>
    </message>
    <message>
        <source>There is no video to export a clip of: choose one that has a file.</source>
        <translation>Kein Video für einen Ausschnitt: wählen Sie eines, das eine Datei hat.</translation>
    </message>
    <message>
        <source>There is nothing to export yet: show a run that has predictions.</source>
        <translation>Es gibt noch nichts zu exportieren: Zeigen Sie einen Lauf, der Vorhersagen hat.</translation>
    </message>
    <message>
        <source>There is nothing to export: open a reproduction first.</source>
        <translation>Nichts zu exportieren: öffnen Sie zuerst eine Reproduktion.</translation>
    </message>
    <message>
        <source>There is nothing to search in the panel %1.</source>
        <translation>Im Feld %1 gibt es nichts zu suchen.</translation>
    </message>
    <message>
        <source>These keys clash now (%1): they stay as they are.</source>
        <translation>Diese Tasten stoßen jetzt zusammen (%1): Sie bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>They leave this computer.</source>
        <translation>Beides verlässt diesen Rechner.</translation>
    </message>
    <message>
        <source>They stand side by side; the figure page takes several.</source>
        <translation>Sie stehen nebeneinander; die Abbildungsseite nimmt mehrere.</translation>
    </message>
    <message>
        <source>This is a figure: export it, or choose a table to copy.</source>
        <translation>Dies ist eine Abbildung: exportieren Sie sie, oder wählen Sie eine Tabelle zum Kopieren.</translation>
    </message>
    <message>
        <source>This prediction is of a video outside the subset: there is nothing to open.</source>
        <translation>Diese Vorhersage gehört zu einem Video außerhalb der Teilmenge: Es gibt nichts zu öffnen.</translation>
    </message>
    <message>
        <source>This run</source>
        <translation>Dieser Lauf</translation>
    </message>
    <message>
        <source>This run has no predictions yet. Evaluating it makes them:
hvlm eval --run %1
A run without a detection head has none.</source>
        <translation>Dieser Lauf hat noch keine Vorhersagen. Auswerten erzeugt sie:
hvlm eval --run %1
Ein Lauf ohne Detektionskopf hat keine.</translation>
    </message>
    <message>
        <source>This run has no video classifier: there are no confusions to show.</source>
        <translation>Dieser Lauf hat keinen Videoklassifikator: es gibt keine Verwechslungen zu zeigen.</translation>
    </message>
    <message>
        <source>This training may not fit on this machine.</source>
        <translation>Dieses Training passt vielleicht nicht auf diesen Rechner.</translation>
    </message>
    <message>
        <source>This video has too many steps for a matrix of all pairs (more than %1).</source>
        <translation>Dieses Video hat zu viele Schritte für eine Matrix aller Paare (mehr als %1).</translation>
    </message>
    <message>
        <source>This video is not in the map.</source>
        <translation>Dieses Video ist nicht auf der Karte.</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Threads and device, in the training form</source>
        <translation>Threads und Gerät, im Trainingsformular</translation>
    </message>
    <message>
        <source>Tick figures; drag or Alt+Up and Alt+Down to reorder</source>
        <translation>Abbildungen anhaken; mit der Maus oder Alt+Auf und Alt+Ab umordnen</translation>
    </message>
    <message>
        <source>Tick runs to lay their curves over each other</source>
        <translation>Läufe anhaken, um ihre Kurven übereinander zu legen</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Time and memory have not been measured yet.</source>
        <translation>Zeit und Speicher wurden noch nicht gemessen.</translation>
    </message>
    <message>
        <source>Time and memory over the length of a video, beside this machine's limits.</source>
        <translation>Zeit und Speicher über der Länge eines Videos, neben den Grenzen dieses Rechners.</translation>
    </message>
    <message>
        <source>Time as m:ss, h:mm:ss or seconds; a frame as #123 or f123</source>
        <translation>Zeit als m:ss, h:mm:ss oder Sekunden; ein Bild als #123 oder f123</translation>
    </message>
    <message>
        <source>Time of one pass (s)</source>
        <translation>Zeit eines Durchgangs (s)</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Title above the picture</source>
        <translation>Titel über dem Bild</translation>
    </message>
    <message>
        <source>To look at them beside your own runs, import them: open the data set they belong to, drop the file and press "Import as a run". On the command line:
  %1
</source>
        <translation>Um sie neben eigenen Läufen zu sehen, werden sie importiert: den zugehörigen Datensatz öffnen, die Datei ablegen und „Als Lauf importieren“ drücken. Auf der Befehlszeile:
  %1
</translation>
    </message>
    <message>
        <source>To the end</source>
        <translation>Ans Ende</translation>
    </message>
    <message>
        <source>To the start</source>
        <translation>An den Anfang</translation>
    </message>
    <message>
        <source>To use it, put this line into a dataset.yaml beside it, and open that:
  %1
</source>
        <translation>Zum Benutzen diese Zeile in eine dataset.yaml daneben schreiben und diese öffnen:
  %1
</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Top-1</source>
        <translation>Top-1</translation>
    </message>
    <message>
        <source>Top-1 accuracy</source>
        <translation>Top-1-Genauigkeit</translation>
    </message>
    <message>
        <source>Train %1</source>
        <translation>%1 trainieren</translation>
    </message>
    <message>
        <source>Train this config after the jobs that wait in the panel Jobs</source>
        <translation>Diese Konfiguration nach den wartenden Aufträgen trainieren</translation>
    </message>
    <message>
        <source>Train, evaluate and look into models of long video. Everything runs on this machine.</source>
        <translation>Modelle langer Videos trainieren, auswerten und durchschauen. Alles läuft auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Trainable</source>
        <translation>Trainierbar</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Training kept track of %1. Choose one of these videos.</source>
        <translation>Das Training hat %1 verfolgt. Wählen Sie eines dieser Videos.</translation>
    </message>
    <message>
        <source>Training s</source>
        <translation>Training s</translation>
    </message>
    <message>
        <source>Training stops after this step and the whole run folder goes to the trash, with its checkpoints, curves and reports. Undo brings it back.</source>
        <translation>Das Training stoppt nach diesem Schritt, und der ganze Ordner des Laufs kommt in den Papierkorb, mit Prüfpunkten, Kurven und Berichten. Rückgängig holt ihn zurück.</translation>
    </message>
    <message>
        <source>Trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>Trials at once</source>
        <translation>Versuche gleichzeitig</translation>
    </message>
    <message>
        <source>Tuned configurations</source>
        <translation>Abgestimmte Konfigurationen</translation>
    </message>
    <message>
        <source>Two models</source>
        <translation>Zwei Modelle</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>Befehl eingeben</translation>
    </message>
    <message>
        <source>Type what you look for.</source>
        <translation>Eintippen, was gesucht wird.</translation>
    </message>
    <message>
        <source>Type words</source>
        <translation>Wörter eingeben</translation>
    </message>
    <message>
        <source>Typed in from the paper, not measured here</source>
        <translation>Aus dem Aufsatz übernommen, hier nicht gemessen</translation>
    </message>
    <message>
        <source>Under the pointer</source>
        <translation>Unter dem Zeiger</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Unit variance</source>
        <translation>Einheitsvarianz</translation>
    </message>
    <message>
        <source>Use these</source>
        <translation>Diese nehmen</translation>
    </message>
    <message>
        <source>Utilisation at 8,192 steps</source>
        <translation>Auslastung bei 8 192 Schritten</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>Values of the selected video, segment, pyramid cell or run appear here. %1</source>
        <translation>Werte des gewählten Videos, Abschnitts, der Pyramidenzelle oder des Laufs erscheinen hier. %1</translation>
    </message>
    <message>
        <source>Vectors of videos and of moments in them, for the map, neighbours and confusions.</source>
        <translation>Vektoren von Videos und von Augenblicken darin, für Karte, Nachbarn und Verwechslungen.</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Versions of %1</source>
        <translation>Fassungen von %1</translation>
    </message>
    <message>
        <source>Versions, codecs, threads, devices and folders.</source>
        <translation>Versionen, Codecs, Fäden, Geräte und Ordner.</translation>
    </message>
    <message>
        <source>Versions, the newest first</source>
        <translation>Fassungen, die neueste zuerst</translation>
    </message>
    <message>
        <source>Vi&amp;deo</source>
        <translation>Vi&amp;deo</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>Video classes</source>
        <translation>Klassen des Videos</translation>
    </message>
    <message>
        <source>Video over the &amp;whole screen</source>
        <translation>Video über den &amp;ganzen Bildschirm</translation>
    </message>
    <message>
        <source>Video picture</source>
        <translation>Videobild</translation>
    </message>
    <message>
        <source>Videos</source>
        <translation>Videos</translation>
    </message>
    <message>
        <source>Videos (*.mp4 *.mkv *.webm *.avi *.mov *.ts *.m4v);;All files (*)</source>
        <translation>Videos (*.mp4 *.mkv *.webm *.avi *.mov *.ts *.m4v);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Videos (*.mp4 *.mkv *.webm *.avi)</source>
        <translation>Videos (*.mp4 *.mkv *.webm *.avi)</translation>
    </message>
    <message>
        <source>Videos and faults are those of predictions with at least this score; curves, AP and profile take all</source>
        <translation>Videos und Fehler sind die von Vorhersagen mit mindestens diesem Wert; Kurven, AP und Profil nehmen alle</translation>
    </message>
    <message>
        <source>Videos and moments that words describe appear here, found in the space of text and video that a run has learned.</source>
        <translation>Hier erscheinen Videos und Stellen, die Worte beschreiben, gefunden im Raum von Text und Video, den ein Lauf gelernt hat.</translation>
    </message>
    <message>
        <source>Videos found</source>
        <translation>Gefundene Videos</translation>
    </message>
    <message>
        <source>Videos or moments as a map appear here: what the model takes for alike lies together.</source>
        <translation>Videos oder Augenblicke als Karte erscheinen hier: was das Modell für ähnlich hält, liegt beisammen.</translation>
    </message>
    <message>
        <source>Videos · %1</source>
        <translation>Videos · %1</translation>
    </message>
    <message>
        <source>Videos, the worst first</source>
        <translation>Videos, die schlechtesten zuerst</translation>
    </message>
    <message>
        <source>Videos/s at 250 steps</source>
        <translation>Videos/s bei 250 Schritten</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Was told the truth: never ranked first</source>
        <translation>Kannte die Wahrheit: nie an erster Stelle</translation>
    </message>
    <message>
        <source>Weight of the debiased moving average, 0 to 0.999; the raw line stays, pale</source>
        <translation>Gewicht des entzerrten gleitenden Mittels, 0 bis 0,999; die rohe Linie bleibt, blass</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Weights (*.safetensors *.pt *.pth);;All files (*)</source>
        <translation>Gewichte (*.safetensors *.pt *.pth);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>What differs from the preset…</source>
        <translation>Was von der Vorlage abweicht…</translation>
    </message>
    <message>
        <source>What is mapped</source>
        <translation>Was abgebildet wird</translation>
    </message>
    <message>
        <source>What is seen, in plain words. Enter searches at once, Esc clears.</source>
        <translation>Was zu sehen ist, in einfachen Worten. Eingabe sucht sofort, Esc leert.</translation>
    </message>
    <message>
        <source>What lies outside %1 – %2 was left out.</source>
        <translation>Was außerhalb von %1 – %2 liegt, blieb weg.</translation>
    </message>
    <message>
        <source>What the colour says</source>
        <translation>Was die Farbe sagt</translation>
    </message>
    <message>
        <source>What the job printed</source>
        <translation>Was der Auftrag ausgab</translation>
    </message>
    <message>
        <source>What the pyramid's colour says</source>
        <translation>Was die Farbe der Pyramide sagt</translation>
    </message>
    <message>
        <source>What was done, the newest first</source>
        <translation>Was getan wurde, das Neueste zuerst</translation>
    </message>
    <message>
        <source>What was not saved in the project %1 is kept as a version (File &gt; Project versions).</source>
        <translation>Was im Projekt %1 nicht gespeichert war, ist als Fassung aufgehoben (Datei &gt; Projektfassungen).</translation>
    </message>
    <message>
        <source>What was typed into the training form last time could not be read and was set aside as %1. %2</source>
        <translation>Was zuletzt im Trainingsformular stand, ließ sich nicht lesen und wurde als %1 beiseitegelegt. %2</translation>
    </message>
    <message>
        <source>When versions were saved</source>
        <translation>Wann Fassungen gespeichert wurden</translation>
    </message>
    <message>
        <source>Where the model looked after each epoch appears here, for the four videos that training keeps track of.</source>
        <translation>Wohin das Modell nach jeder Epoche sah, erscheint hier, für die vier Videos, die das Training verfolgt.</translation>
    </message>
    <message>
        <source>Where the model looked after each epoch appears here. This run kept no track of it.</source>
        <translation>Wohin das Modell nach jeder Epoche sah, erscheint hier. Dieser Lauf hat es nicht festgehalten.</translation>
    </message>
    <message>
        <source>Where two runs or checkpoints look in the chosen video appears here.</source>
        <translation>Wohin zwei Läufe oder Sicherungspunkte im gewählten Video sehen, erscheint hier.</translation>
    </message>
    <message>
        <source>Which budget's runs are shown</source>
        <translation>Läufe welches Budgets gezeigt werden</translation>
    </message>
    <message>
        <source>Which faults are listed</source>
        <translation>Welche Fehler aufgeführt sind</translation>
    </message>
    <message>
        <source>Which one should be exported?</source>
        <translation>Welche soll exportiert werden?</translation>
    </message>
    <message>
        <source>Who answers</source>
        <translation>Wer antwortet</translation>
    </message>
    <message>
        <source>Who answers: the heads of this run, a language model on this computer, or a server. The last two read what the run finds in the video.</source>
        <translation>Wer antwortet: die Köpfe dieses Laufs, ein Sprachmodell auf diesem Rechner oder ein Server. Die beiden letzten lesen, was der Lauf im Video findet.</translation>
    </message>
    <message>
        <source>Whole video</source>
        <translation>Ganzes Video</translation>
    </message>
    <message>
        <source>Whole video (double click)</source>
        <translation>Ganzes Video (Doppelklick)</translation>
    </message>
    <message>
        <source>Why predictions are wrong, and what each kind of error costs, appears here.</source>
        <translation>Hier erscheint, warum Vorhersagen falsch sind und was jede Art von Fehler kostet.</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Width in mm</source>
        <translation>Breite in mm</translation>
    </message>
    <message>
        <source>Width of the page</source>
        <translation>Breite der Seite</translation>
    </message>
    <message>
        <source>With the nearest instance; of a missed one with the best prediction of its class</source>
        <translation>Mit der nächsten Instanz; bei einer verpassten mit der besten Vorhersage ihrer Klasse</translation>
    </message>
    <message>
        <source>Writing the clip …</source>
        <translation>Der Ausschnitt wird geschrieben …</translation>
    </message>
    <message>
        <source>Writing the clip: frame %1 of %2</source>
        <translation>Der Ausschnitt wird geschrieben: Bild %1 von %2</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>Your own demo, finished.</source>
        <translation>Ihre eigene Demo, fertig.</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Ver&amp;größern</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>Ver&amp;kleinern</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Zoom to &amp;selection</source>
        <translation>Auf die &amp;Auswahl vergrößern</translation>
    </message>
    <message>
        <source>a line per run · drag along an axis to keep a range, double click lets it go; by keyboard Ctrl+arrows and Delete</source>
        <translation>eine Linie je Lauf · auf einer Achse ziehen behält einen Bereich, Doppelklick gibt sie frei; mit der Tastatur Strg+Pfeile und Entf</translation>
    </message>
    <message>
        <source>a press on a video or a fault opens it in the timeline · on a line or a class shows it strongly</source>
        <translation>ein Druck auf ein Video oder einen Fehler öffnet es in der Zeitleiste · auf eine Linie oder Klasse zeigt sie kräftig</translation>
    </message>
    <message>
        <source>a taxonomy that does not fit the labels (not used)</source>
        <translation>eine Taxonomie, die nicht zu den Klassen passt (nicht benutzt)</translation>
    </message>
    <message>
        <source>about %1 estimated</source>
        <translation>etwa %1 geschätzt</translation>
    </message>
    <message>
        <source>about %1 · %2 of memory · %3 on disk · %4 parameters</source>
        <translation>etwa %1 · %2 Speicher · %3 auf der Platte · %4 Parameter</translation>
    </message>
    <message>
        <source>accuracy by confidence · ECE %1</source>
        <translation>Genauigkeit nach Zuversicht · ECE %1</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>all classes</source>
        <translation>alle Klassen</translation>
    </message>
    <message>
        <source>all faults (%1)</source>
        <translation>alle Fehler (%1)</translation>
    </message>
    <message>
        <source>all levels</source>
        <translation>alle Ebenen</translation>
    </message>
    <message>
        <source>all subsets</source>
        <translation>alle Teilmengen</translation>
    </message>
    <message>
        <source>alpha</source>
        <translation>alpha</translation>
    </message>
    <message>
        <source>alpha in its window</source>
        <translation>Alpha im Fenster</translation>
    </message>
    <message>
        <source>and %1 more</source>
        <translation>und %1 weitere</translation>
    </message>
    <message>
        <source>annotation</source>
        <translation>Annotation</translation>
    </message>
    <message>
        <source>another form, or another version of it</source>
        <translation>eine andere Form oder eine andere Version davon</translation>
    </message>
    <message>
        <source>another video</source>
        <translation>anderes Video</translation>
    </message>
    <message>
        <source>answers without a question (left out)</source>
        <translation>Antworten ohne Frage (weggelassen)</translation>
    </message>
    <message>
        <source>any length</source>
        <translation>jede Länge</translation>
    </message>
    <message>
        <source>any state</source>
        <translation>jeder Zustand</translation>
    </message>
    <message>
        <source>appears when a run has a model that can look at this video</source>
        <translation>erscheint, wenn ein Lauf ein Modell hat, das dieses Video ansehen kann</translation>
    </message>
    <message>
        <source>as on screen</source>
        <translation>wie auf dem Bildschirm</translation>
    </message>
    <message>
        <source>at %1 %2</source>
        <translation>bei %1 %2</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>mindestens %1</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>average mAP</source>
        <translation>mittlere mAP</translation>
    </message>
    <message numerus="yes">
        <source>axis %1: %2 of %n run(s) kept</source>
        <translation><numerusform>Achse %1: %2 von %n Lauf behalten</numerusform><numerusform>Achse %1: %2 von %n Läufen behalten</numerusform></translation>
    </message>
    <message>
        <source>background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>baseline %1</source>
        <translation>Bezugslauf %1</translation>
    </message>
    <message>
        <source>beside</source>
        <translation>neben</translation>
    </message>
    <message>
        <source>best %1</source>
        <translation>bester %1</translation>
    </message>
    <message>
        <source>best %1 (epoch %2)</source>
        <translation>bester %1 (Epoche %2)</translation>
    </message>
    <message>
        <source>best 10 N of each class, tIoU %1</source>
        <translation>beste 10 N jeder Klasse, tIoU %1</translation>
    </message>
    <message>
        <source>best class</source>
        <translation>beste Klasse</translation>
    </message>
    <message>
        <source>by class</source>
        <translation>nach Klasse</translation>
    </message>
    <message>
        <source>by run</source>
        <translation>nach Lauf</translation>
    </message>
    <message>
        <source>by time</source>
        <translation>nach Zeit</translation>
    </message>
    <message>
        <source>by video</source>
        <translation>nach Video</translation>
    </message>
    <message>
        <source>can be undone</source>
        <translation>umkehrbar</translation>
    </message>
    <message>
        <source>captions</source>
        <translation>Beschreibungen</translation>
    </message>
    <message>
        <source>captions beyond the video (cut)</source>
        <translation>Beschreibungen über das Video hinaus (gekürzt)</translation>
    </message>
    <message>
        <source>captions of no length (left out)</source>
        <translation>Beschreibungen ohne Länge (weggelassen)</translation>
    </message>
    <message>
        <source>captions of unknown videos (left out)</source>
        <translation>Beschreibungen unbekannter Videos (weggelassen)</translation>
    </message>
    <message>
        <source>captions or questions given for another subset (left out)</source>
        <translation>Beschreibungen oder Fragen einer anderen Teilmenge (weggelassen)</translation>
    </message>
    <message>
        <source>captions that end before they start (swapped)</source>
        <translation>Beschreibungen, die vor ihrem Anfang enden (getauscht)</translation>
    </message>
    <message>
        <source>captions without text or times (left out)</source>
        <translation>Beschreibungen ohne Text oder Zeiten (weggelassen)</translation>
    </message>
    <message>
        <source>cells</source>
        <translation>Zellen</translation>
    </message>
    <message>
        <source>checkpoint of step %1 kept</source>
        <translation>Schritt %1 gesichert</translation>
    </message>
    <message>
        <source>children</source>
        <translation>Kinder</translation>
    </message>
    <message>
        <source>claimed by the paper ("IoU@0.5" beside mAP@0.5)</source>
        <translation>vom Aufsatz behauptet („IoU@0.5“ neben mAP@0.5)</translation>
    </message>
    <message>
        <source>class colours</source>
        <translation>Klassenfarben</translation>
    </message>
    <message>
        <source>classes that never occur in training (kept)</source>
        <translation>Klassen, die im Training nie vorkommen (behalten)</translation>
    </message>
    <message>
        <source>click chooses a cell · arrow keys walk · Ctrl+wheel zooms · middle button pans</source>
        <translation>Klick wählt eine Zelle · Pfeiltasten gehen weiter · Strg+Rad zoomt · mittlere Taste verschiebt</translation>
    </message>
    <message>
        <source>click moves the cursor · drag on the time row marks a range · Ctrl+wheel zooms</source>
        <translation>Klick bewegt den Zeiger · Ziehen in der Zeitzeile markiert · Strg+Rad zoomt</translation>
    </message>
    <message>
        <source>clip outliers</source>
        <translation>Ausreißer kappen</translation>
    </message>
    <message>
        <source>collapsed</source>
        <translation>kollabiert</translation>
    </message>
    <message>
        <source>colour of %1</source>
        <translation>Farbe von %1</translation>
    </message>
    <message>
        <source>colour of the cells</source>
        <translation>Farbe der Zellen</translation>
    </message>
    <message>
        <source>colours: %1</source>
        <translation>Farben: %1</translation>
    </message>
    <message>
        <source>confidence; bars below: how many</source>
        <translation>Zuversicht; Balken darunter: wie viele</translation>
    </message>
    <message>
        <source>config</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>confusion</source>
        <translation>Verwechslung</translation>
    </message>
    <message>
        <source>constant in time</source>
        <translation>zeitlich konstant</translation>
    </message>
    <message>
        <source>copied the report of versions and folders</source>
        <translation>Bericht über Versionen und Ordner kopiert</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>Kosinus</translation>
    </message>
    <message>
        <source>covers</source>
        <translation>deckt</translation>
    </message>
    <message>
        <source>cpu %1 cores</source>
        <translation>CPU %1 Kerne</translation>
    </message>
    <message>
        <source>data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>data set %1</source>
        <translation>Datensatz %1</translation>
    </message>
    <message>
        <source>day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>deltas to</source>
        <translation>Abstände zu</translation>
    </message>
    <message>
        <source>detections here</source>
        <translation>Funde hier</translation>
    </message>
    <message>
        <source>differences to %1</source>
        <translation>Unterschiede zu %1</translation>
    </message>
    <message>
        <source>differences to the baseline %1</source>
        <translation>Unterschiede zum Bezugslauf %1</translation>
    </message>
    <message>
        <source>differences to: no baseline is pinned</source>
        <translation>Unterschiede zu: kein Bezugslauf angeheftet</translation>
    </message>
    <message>
        <source>does not fit or cannot be read</source>
        <translation>passt nicht oder lässt sich nicht lesen</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>done again: %1</source>
        <translation>wiederholt: %1</translation>
    </message>
    <message>
        <source>double</source>
        <translation>doppelt</translation>
    </message>
    <message>
        <source>each class (%1)</source>
        <translation>jede Klasse (%1)</translation>
    </message>
    <message>
        <source>end of the video</source>
        <translation>Ende des Videos</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <source>epoch %1</source>
        <translation>Epoche %1</translation>
    </message>
    <message>
        <source>epoch %1, step %2 · %3 · share %4</source>
        <translation>Epoche %1, Schritt %2 · %3 · Anteil %4</translation>
    </message>
    <message>
        <source>epoch %1/%2</source>
        <translation>Epoche %1/%2</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>evaluated %1 at step %2</source>
        <translation>%1 ausgewertet bei Schritt %2</translation>
    </message>
    <message>
        <source>evaluating</source>
        <translation>wertet aus</translation>
    </message>
    <message>
        <source>evaluation of %1</source>
        <translation>Auswertung von %1</translation>
    </message>
    <message>
        <source>everything</source>
        <translation>alles</translation>
    </message>
    <message>
        <source>exp of the entropy of the singular values of the centred step features; below 2 is a collapse</source>
        <translation>exp der Entropie der Singulärwerte der zentrierten Schrittmerkmale; unter 2 ist ein Kollaps</translation>
    </message>
    <message>
        <source>exported %1</source>
        <translation>%1 exportiert</translation>
    </message>
    <message>
        <source>extremes of each pixel column</source>
        <translation>Extremwerte jeder Pixelspalte</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>false</source>
        <translation>falsch</translation>
    </message>
    <message>
        <source>features cannot be read</source>
        <translation>Merkmale nicht lesbar</translation>
    </message>
    <message>
        <source>features of another width than most (cannot be used)</source>
        <translation>Merkmale anderer Breite als die meisten (nicht benutzbar)</translation>
    </message>
    <message>
        <source>features of videos that are not annotated</source>
        <translation>Merkmale von Videos ohne Annotation</translation>
    </message>
    <message>
        <source>features that cannot be read (cannot be used)</source>
        <translation>Merkmale, die sich nicht lesen lassen (nicht benutzbar)</translation>
    </message>
    <message>
        <source>features whose length does not fit the duration</source>
        <translation>Merkmale, deren Länge nicht zur Dauer passt</translation>
    </message>
    <message>
        <source>features with NaN or Inf (cannot be used)</source>
        <translation>Merkmale mit NaN oder Inf (nicht benutzbar)</translation>
    </message>
    <message>
        <source>features: %1
</source>
        <translation>Merkmale: %1
</translation>
    </message>
    <message>
        <source>file: %1
</source>
        <translation>Datei: %1
</translation>
    </message>
    <message>
        <source>file: %1
annotations: %2
features: %3
</source>
        <translation>Datei: %1
Annotationen: %2
Merkmale: %3
</translation>
    </message>
    <message>
        <source>files that write ids both with and without "v_" (dropped)</source>
        <translation>Dateien, die Kennungen mit und ohne "v_" schreiben (weggelassen)</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>found</source>
        <translation>gefunden</translation>
    </message>
    <message>
        <source>found %1: %2 %3 · %4 – %5 · IoU %6 · %7</source>
        <translation>gefunden %1: %2 %3 · %4 – %5 · IoU %6 · %7</translation>
    </message>
    <message>
        <source>found %1: %2 %3 · %4 – %5 · best IoU %6 · %7</source>
        <translation>gefunden %1: %2 %3 · %4 – %5 · beste IoU %6 · %7</translation>
    </message>
    <message>
        <source>gain</source>
        <translation>Gewinn</translation>
    </message>
    <message>
        <source>goes on from step %1</source>
        <translation>geht weiter ab Schritt %1</translation>
    </message>
    <message>
        <source>healthy</source>
        <translation>gesund</translation>
    </message>
    <message>
        <source>heights of the centre</source>
        <translation>Höhen der Mitte</translation>
    </message>
    <message>
        <source>held out to select by</source>
        <translation>zurückgehalten zum Auswählen</translation>
    </message>
    <message>
        <source>held-out score</source>
        <translation>Wert auf zurückgehaltenen Videos</translation>
    </message>
    <message>
        <source>hour</source>
        <translation>Stunde</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>icicle</source>
        <translation>Eiszapfen</translation>
    </message>
    <message>
        <source>id</source>
        <translation>Kennung</translation>
    </message>
    <message>
        <source>idle</source>
        <translation>untätig</translation>
    </message>
    <message>
        <source>ids of a list that no video has</source>
        <translation>Kennungen einer Liste, die kein Video hat</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>importiert</translation>
    </message>
    <message>
        <source>imported as the run %1: %2</source>
        <translation>importiert als Lauf %1: %2</translation>
    </message>
    <message>
        <source>imported from</source>
        <translation>importiert aus</translation>
    </message>
    <message>
        <source>imported run: detections of %1</source>
        <translation>importierter Lauf: Funde aus %1</translation>
    </message>
    <message>
        <source>imported run: no model, only the detections of %1</source>
        <translation>importierter Lauf: kein Modell, nur die Funde aus %1</translation>
    </message>
    <message>
        <source>imported the run %1</source>
        <translation>Lauf %1 importiert</translation>
    </message>
    <message>
        <source>in the video</source>
        <translation>im Video</translation>
    </message>
    <message>
        <source>instances found, in %, by … up to</source>
        <translation>gefundene Instanzen in %, nach … bis</translation>
    </message>
    <message>
        <source>its process is gone; resume goes on from the last checkpoint</source>
        <translation>sein Prozess ist fort; Fortsetzen beginnt beim letzten Sicherungspunkt</translation>
    </message>
    <message>
        <source>its score</source>
        <translation>ihr Wert</translation>
    </message>
    <message>
        <source>job %1</source>
        <translation>Auftrag %1</translation>
    </message>
    <message>
        <source>job ended: %1, %2</source>
        <translation>Auftrag beendet: %1, %2</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>kept as %1</source>
        <translation>aufgehoben als %1</translation>
    </message>
    <message>
        <source>keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>label</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>layout of the project %1</source>
        <translation>Anordnung des Projekts %1</translation>
    </message>
    <message>
        <source>layout reset</source>
        <translation>Anordnung zurückgesetzt</translation>
    </message>
    <message>
        <source>length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>length in steps</source>
        <translation>Länge in Schritten</translation>
    </message>
    <message>
        <source>level</source>
        <translation>Ebene</translation>
    </message>
    <message>
        <source>level %1, node %2</source>
        <translation>Ebene %1, Knoten %2</translation>
    </message>
    <message>
        <source>level %1, node %2 of %3 · covers %4 – %5 · share %6 (%7 × even)</source>
        <translation>Ebene %1, Knoten %2 von %3 · deckt %4 – %5 · Anteil %6 (%7 × gleichmäßig)</translation>
    </message>
    <message>
        <source>level %1, node %2 of %3 · steps %4 – %5 · %6 – %7 · share %8</source>
        <translation>Ebene %1, Knoten %2 von %3 · Schritte %4 – %5 · %6 – %7 · Anteil %8</translation>
    </message>
    <message>
        <source>levels collapsed: %1</source>
        <translation>eingeklappte Ebenen: %1</translation>
    </message>
    <message>
        <source>light, for paper</source>
        <translation>hell, für Papier</translation>
    </message>
    <message>
        <source>listed only</source>
        <translation>nur vermerkt</translation>
    </message>
    <message>
        <source>loaded the config %1</source>
        <translation>Konfiguration %1 geladen</translation>
    </message>
    <message>
        <source>loading the engine</source>
        <translation>lädt das Rechenwerk</translation>
    </message>
    <message>
        <source>loading the run</source>
        <translation>Lauf wird geladen</translation>
    </message>
    <message>
        <source>localization</source>
        <translation>Lage</translation>
    </message>
    <message>
        <source>log</source>
        <translation>log</translation>
    </message>
    <message>
        <source>log x</source>
        <translation>log x</translation>
    </message>
    <message>
        <source>loss %1</source>
        <translation>Verlust %1</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>verloren</translation>
    </message>
    <message>
        <source>mAP</source>
        <translation>mAP</translation>
    </message>
    <message>
        <source>mAP by tIoU</source>
        <translation>mAP nach tIoU</translation>
    </message>
    <message>
        <source>mAP@%1</source>
        <translation>mAP@%1</translation>
    </message>
    <message>
        <source>mAP@%1 %2 · average %3 · %4 instances, %5 predictions, %6 videos</source>
        <translation>mAP@%1 %2 · Mittel %3 · %4 Instanzen, %5 Vorhersagen, %6 Videos</translation>
    </message>
    <message>
        <source>mAP@0.5</source>
        <translation>mAP@0.5</translation>
    </message>
    <message>
        <source>matched</source>
        <translation>getroffen</translation>
    </message>
    <message>
        <source>matched with truth %1</source>
        <translation>zugeordnet zur Wahrheit %1</translation>
    </message>
    <message>
        <source>max %1</source>
        <translation>max %1</translation>
    </message>
    <message>
        <source>mean AP %1</source>
        <translation>mittlere AP %1</translation>
    </message>
    <message>
        <source>mean of all classes</source>
        <translation>Mittel aller Klassen</translation>
    </message>
    <message>
        <source>measured, collapsed</source>
        <translation>gemessen, kollabiert</translation>
    </message>
    <message>
        <source>measured, mean ± deviation over seeds</source>
        <translation>gemessen, Mittel ± Abweichung über Startwerte</translation>
    </message>
    <message>
        <source>measuring a few steps …</source>
        <translation>einige Schritte werden gemessen …</translation>
    </message>
    <message>
        <source>memory %1 now</source>
        <translation>Speicher %1 jetzt</translation>
    </message>
    <message>
        <source>missed</source>
        <translation>verpasst</translation>
    </message>
    <message>
        <source>missed %1</source>
        <translation>verpasst: %1</translation>
    </message>
    <message>
        <source>missed (%1)</source>
        <translation>verpasst (%1)</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>moments</source>
        <translation>Augenblicke</translation>
    </message>
    <message>
        <source>month</source>
        <translation>Monat</translation>
    </message>
    <message>
        <source>my project</source>
        <translation>mein Projekt</translation>
    </message>
    <message>
        <source>no baseline</source>
        <translation>kein Bezugslauf</translation>
    </message>
    <message>
        <source>no checkpoint</source>
        <translation>kein Checkpoint</translation>
    </message>
    <message>
        <source>no checkpoint: only the detections that the run has stored</source>
        <translation>kein Checkpoint: nur die Funde, die der Lauf gespeichert hat</translation>
    </message>
    <message>
        <source>no features: it cannot be used</source>
        <translation>keine Merkmale: nicht benutzbar</translation>
    </message>
    <message>
        <source>no folder chosen</source>
        <translation>kein Ordner gewählt</translation>
    </message>
    <message>
        <source>no job yet</source>
        <translation>noch kein Auftrag</translation>
    </message>
    <message>
        <source>no label</source>
        <translation>keine Klasse</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>ohne Wert</translation>
    </message>
    <message>
        <source>nobody predicted here</source>
        <translation>hier hat niemand etwas vorhergesagt</translation>
    </message>
    <message>
        <source>node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>nodes %1 – %2</source>
        <translation>Knoten %1 – %2</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>none of this subset</source>
        <translation>keine von dieser Teilmenge</translation>
    </message>
    <message>
        <source>none open</source>
        <translation>keiner geöffnet</translation>
    </message>
    <message>
        <source>none: an imported run has no config</source>
        <translation>keine: Ein importierter Lauf hat keine Konfiguration</translation>
    </message>
    <message>
        <source>not in the open data set</source>
        <translation>nicht im offenen Datensatz</translation>
    </message>
    <message>
        <source>not saved</source>
        <translation>nicht gespeichert</translation>
    </message>
    <message>
        <source>note on %1</source>
        <translation>Notiz zu %1</translation>
    </message>
    <message>
        <source>nothing: choose a run or a checkpoint</source>
        <translation>nichts: Lauf oder Sicherungspunkt wählen</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>of run %1</source>
        <translation>von Lauf %1</translation>
    </message>
    <message>
        <source>of score ≥ %1</source>
        <translation>mit Wert ≥ %1</translation>
    </message>
    <message>
        <source>of score ≥ %1; %2 of a lower score left out</source>
        <translation>mit Wert ≥ %1; %2 mit geringerem Wert weggelassen</translation>
    </message>
    <message>
        <source>of the open data set</source>
        <translation>vom offenen Datensatz</translation>
    </message>
    <message>
        <source>one column, 85 mm</source>
        <translation>eine Spalte, 85 mm</translation>
    </message>
    <message>
        <source>only level %1</source>
        <translation>nur Ebene %1</translation>
    </message>
    <message>
        <source>open a data set first</source>
        <translation>zuerst einen Datensatz öffnen</translation>
    </message>
    <message>
        <source>opened the data set %1</source>
        <translation>Datensatz %1 geöffnet</translation>
    </message>
    <message>
        <source>opened the project %1</source>
        <translation>Projekt %1 geöffnet</translation>
    </message>
    <message>
        <source>opened the reproduction %1</source>
        <translation>Reproduktion %1 geöffnet</translation>
    </message>
    <message>
        <source>opened the run %1</source>
        <translation>Lauf %1 geöffnet</translation>
    </message>
    <message>
        <source>opened the video %1</source>
        <translation>Video %1 geöffnet</translation>
    </message>
    <message>
        <source>opening %1 …</source>
        <translation>%1 wird geöffnet …</translation>
    </message>
    <message>
        <source>options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>over</source>
        <translation>über</translation>
    </message>
    <message>
        <source>overlap %1 · correlation %2</source>
        <translation>Überdeckung %1 · Korrelation %2</translation>
    </message>
    <message>
        <source>panel %1 hidden</source>
        <translation>Feld %1 ausgeblendet</translation>
    </message>
    <message>
        <source>panel %1 shown</source>
        <translation>Feld %1 eingeblendet</translation>
    </message>
    <message>
        <source>panels</source>
        <translation>Felder</translation>
    </message>
    <message>
        <source>parent</source>
        <translation>Elternzelle</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>pausing</source>
        <translation>hält an</translation>
    </message>
    <message>
        <source>place and size of the window</source>
        <translation>Ort und Größe des Fensters</translation>
    </message>
    <message>
        <source>precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>predicted, in the same order</source>
        <translation>vorhergesagt, in derselben Reihenfolge</translation>
    </message>
    <message>
        <source>predicted: %1</source>
        <translation>vorhergesagt: %1</translation>
    </message>
    <message>
        <source>prediction</source>
        <translation>Vorhersage</translation>
    </message>
    <message>
        <source>preparing</source>
        <translation>bereitet vor</translation>
    </message>
    <message>
        <source>principal plane</source>
        <translation>Hauptebene</translation>
    </message>
    <message>
        <source>problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>project %1, as it was saved; changes that were not saved are marked</source>
        <translation>Projekt %1, wie es gespeichert wurde; nicht gespeicherte Änderungen sind markiert</translation>
    </message>
    <message>
        <source>project as of %1; it is saved when you save it</source>
        <translation>Projekt vom Stand %1; gespeichert ist es erst nach dem Speichern</translation>
    </message>
    <message>
        <source>project saved in %1</source>
        <translation>Projekt in %1 gespeichert</translation>
    </message>
    <message>
        <source>pyramid</source>
        <translation>Pyramide</translation>
    </message>
    <message>
        <source>questions</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>questions on unknown videos (left out)</source>
        <translation>Fragen zu unbekannten Videos (weggelassen)</translation>
    </message>
    <message>
        <source>questions or answers given twice (first one used)</source>
        <translation>doppelte Fragen oder Antworten (die erste zählt)</translation>
    </message>
    <message>
        <source>questions or answers without an id or text (left out)</source>
        <translation>Fragen oder Antworten ohne Kennung oder Text (weggelassen)</translation>
    </message>
    <message>
        <source>questions without an answer (kept)</source>
        <translation>Fragen ohne Antwort (behalten)</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>rank %1</source>
        <translation>Rang %1</translation>
    </message>
    <message>
        <source>reading features</source>
        <translation>Merkmale werden gelesen</translation>
    </message>
    <message>
        <source>reading texts</source>
        <translation>Texte werden gelesen</translation>
    </message>
    <message>
        <source>reading the data set</source>
        <translation>Datensatz wird gelesen</translation>
    </message>
    <message>
        <source>reading the run folder</source>
        <translation>liest den Laufordner</translation>
    </message>
    <message>
        <source>reading …</source>
        <translation>wird gelesen …</translation>
    </message>
    <message>
        <source>ready to run</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>recall %1: mean precision %2</source>
        <translation>Trefferquote %1: mittlere Genauigkeit %2</translation>
    </message>
    <message>
        <source>recall at tIoU %1</source>
        <translation>Trefferquote bei tIoU %1</translation>
    </message>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>right or wrong</source>
        <translation>richtig oder falsch</translation>
    </message>
    <message>
        <source>run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>Lauf %1</translation>
    </message>
    <message>
        <source>run %1 moved to %2; Undo brings it back</source>
        <translation>Lauf %1 liegt in %2; Rückgängig holt ihn zurück</translation>
    </message>
    <message>
        <source>run %1: %2</source>
        <translation>Lauf %1: %2</translation>
    </message>
    <message>
        <source>run %1: closed; it counts as stopped and can be resumed</source>
        <translation>Lauf %1: geschlossen; er gilt als gestoppt und lässt sich fortsetzen</translation>
    </message>
    <message>
        <source>run %1: its checkpoints are its own and safe</source>
        <translation>Lauf %1: seine Sicherungspunkte gehören ihm und sind sicher</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>runs laid over each other: %1</source>
        <translation>übereinander gelegte Läufe: %1</translation>
    </message>
    <message>
        <source>saved the project %1</source>
        <translation>Projekt %1 gespeichert</translation>
    </message>
    <message>
        <source>score</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>score threshold %1</source>
        <translation>Schwelle des Werts %1</translation>
    </message>
    <message>
        <source>score ≥</source>
        <translation>Wert ≥</translation>
    </message>
    <message>
        <source>searched %1 videos, %2 moments in %3 ms, text: %4</source>
        <translation>%1 Videos, %2 Stellen in %3 ms durchsucht, Text: %4</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>seeds as mean ± sd</source>
        <translation>Startwerte als Mittel ± Abw.</translation>
    </message>
    <message>
        <source>segments beyond the video's end by at most 0.5 s (cut)</source>
        <translation>Abschnitte bis 0,5 s über das Videoende hinaus (gekürzt)</translation>
    </message>
    <message>
        <source>segments beyond the video's end by more than 0.5 s (cut or dropped)</source>
        <translation>Abschnitte mehr als 0,5 s über das Videoende hinaus (gekürzt oder weggelassen)</translation>
    </message>
    <message>
        <source>segments given twice (second one dropped)</source>
        <translation>doppelte Abschnitte (der zweite weggelassen)</translation>
    </message>
    <message>
        <source>segments that end before they start (swapped)</source>
        <translation>Abschnitte, die vor ihrem Anfang enden (getauscht)</translation>
    </message>
    <message>
        <source>segments that end where they start (dropped)</source>
        <translation>Abschnitte, die an ihrem Anfang enden (weggelassen)</translation>
    </message>
    <message>
        <source>segments that no step falls into (kept)</source>
        <translation>Abschnitte, in die kein Schritt fällt (behalten)</translation>
    </message>
    <message>
        <source>segments that start before 0 (cut or dropped)</source>
        <translation>Abschnitte, die vor 0 beginnen (gekürzt oder weggelassen)</translation>
    </message>
    <message>
        <source>segments with no label, or one outside the taxonomy (dropped)</source>
        <translation>Abschnitte ohne Klasse oder mit einer außerhalb der Taxonomie (weggelassen)</translation>
    </message>
    <message>
        <source>segments without two times (dropped)</source>
        <translation>Abschnitte ohne zwei Zeiten (weggelassen)</translation>
    </message>
    <message>
        <source>share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>share of the top</source>
        <translation>Anteil an der Spitze</translation>
    </message>
    <message>
        <source>share of video</source>
        <translation>Anteil am Video</translation>
    </message>
    <message>
        <source>side channels that cannot be read (cannot be used with merge.criterion importance)</source>
        <translation>Nebenkanäle, die sich nicht lesen lassen (mit merge.criterion importance nicht benutzbar)</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>seit %1</translation>
    </message>
    <message>
        <source>smoothed %1</source>
        <translation>geglättet %1</translation>
    </message>
    <message>
        <source>smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>standard values</source>
        <translation>Standardwerte</translation>
    </message>
    <message>
        <source>start</source>
        <translation>Anfang</translation>
    </message>
    <message>
        <source>started</source>
        <translation>begonnen</translation>
    </message>
    <message>
        <source>state</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>std %1</source>
        <translation>std %1</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>Schritt %1</translation>
    </message>
    <message>
        <source>step %1 (%2) and step %3 (%4): cosine %5</source>
        <translation>Schritt %1 (%2) und Schritt %3 (%4): Kosinus %5</translation>
    </message>
    <message>
        <source>step %1/%2</source>
        <translation>Schritt %1/%2</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>stopped, everything kept</source>
        <translation>angehalten, alles gesichert</translation>
    </message>
    <message>
        <source>stopped, kept</source>
        <translation>angehalten, behalten</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>hält an</translation>
    </message>
    <message>
        <source>stopping after this step, then closing</source>
        <translation>hält nach diesem Schritt an und schließt dann</translation>
    </message>
    <message>
        <source>subset</source>
        <translation>Teilmenge</translation>
    </message>
    <message>
        <source>subset %1: %2
</source>
        <translation>Teilmenge %1: %2
</translation>
    </message>
    <message>
        <source>subset %1: %2 videos
</source>
        <translation>Teilmenge %1: %2 Videos
</translation>
    </message>
    <message>
        <source>svg, pdf or png</source>
        <translation>svg, pdf oder png</translation>
    </message>
    <message>
        <source>svg, pdf, png or csv</source>
        <translation>svg, pdf, png oder csv</translation>
    </message>
    <message>
        <source>svg, pdf, png, csv or tex</source>
        <translation>svg, pdf, png, csv oder tex</translation>
    </message>
    <message>
        <source>t-SNE</source>
        <translation>t-SNE</translation>
    </message>
    <message>
        <source>tIoU</source>
        <translation>tIoU</translation>
    </message>
    <message>
        <source>tIoU threshold</source>
        <translation>tIoU-Schwelle</translation>
    </message>
    <message>
        <source>tIoU threshold %1</source>
        <translation>tIoU-Schwelle %1</translation>
    </message>
    <message>
        <source>tIoU ≥</source>
        <translation>tIoU ≥</translation>
    </message>
    <message>
        <source>tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>tags of %1</source>
        <translation>Schlagworte von %1</translation>
    </message>
    <message>
        <source>template: %1</source>
        <translation>Vorlage: %1</translation>
    </message>
    <message>
        <source>template: the model's own</source>
        <translation>Vorlage: die des Modells</translation>
    </message>
    <message>
        <source>the history, from %1</source>
        <translation>der Verlauf, vom %1</translation>
    </message>
    <message>
        <source>the model looks at the video …</source>
        <translation>das Modell sieht das Video an …</translation>
    </message>
    <message>
        <source>the other model looks at the video …</source>
        <translation>das andere Modell sieht das Video an …</translation>
    </message>
    <message>
        <source>the report and its control rows are of %1 videos, the open data set has %2</source>
        <translation>der Bericht und seine Kontrollzeilen sind von %1 Videos, der offene Datensatz hat %2</translation>
    </message>
    <message>
        <source>the run has no detections of this video's subset</source>
        <translation>der Lauf hat keine Funde von der Teilmenge dieses Videos</translation>
    </message>
    <message>
        <source>the same</source>
        <translation>dasselbe</translation>
    </message>
    <message>
        <source>the training form, from %1</source>
        <translation>das Trainingsformular, vom %1</translation>
    </message>
    <message>
        <source>the visible range</source>
        <translation>der sichtbare Bereich</translation>
    </message>
    <message>
        <source>this run</source>
        <translation>dieser Lauf</translation>
    </message>
    <message>
        <source>this run at %1</source>
        <translation>dieser Lauf bei %1</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>timeline rows</source>
        <translation>Zeilen der Zeitleiste</translation>
    </message>
    <message>
        <source>top-1</source>
        <translation>top-1</translation>
    </message>
    <message>
        <source>training form: %1 is %2</source>
        <translation>Trainingsformular: %1 ist %2</translation>
    </message>
    <message numerus="yes">
        <source>training form: %n option(s)</source>
        <translation><numerusform>Trainingsformular: %n Option</numerusform><numerusform>Trainingsformular: %n Optionen</numerusform></translation>
    </message>
    <message>
        <source>training started: %1</source>
        <translation>Training begonnen: %1</translation>
    </message>
    <message>
        <source>tree</source>
        <translation>Baum</translation>
    </message>
    <message>
        <source>truth</source>
        <translation>Wahrheit</translation>
    </message>
    <message>
        <source>truth %1: %2 · %3 – %4%5</source>
        <translation>Wahrheit %1: %2 · %3 – %4%5</translation>
    </message>
    <message>
        <source>truth: %1</source>
        <translation>Wahrheit: %1</translation>
    </message>
    <message>
        <source>two columns, 180 mm</source>
        <translation>zwei Spalten, 180 mm</translation>
    </message>
    <message>
        <source>under 30 s</source>
        <translation>unter 30 s</translation>
    </message>
    <message>
        <source>undone: %1</source>
        <translation>rückgängig: %1</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>unknown label</source>
        <translation>unbekannte Klasse</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>unlesbar</translation>
    </message>
    <message>
        <source>verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>video file of %1</source>
        <translation>Videodatei von %1</translation>
    </message>
    <message>
        <source>videos</source>
        <translation>Videos</translation>
    </message>
    <message>
        <source>videos given twice (first one used)</source>
        <translation>doppelte Videos (das erste zählt)</translation>
    </message>
    <message>
        <source>videos left out by the blocked list</source>
        <translation>Videos, die die Sperrliste ausschließt</translation>
    </message>
    <message>
        <source>videos whose entry is malformed</source>
        <translation>Videos mit fehlerhaftem Eintrag</translation>
    </message>
    <message>
        <source>videos whose segments are out of order (sorted)</source>
        <translation>Videos mit ungeordneten Abschnitten (sortiert)</translation>
    </message>
    <message>
        <source>videos without a positive duration</source>
        <translation>Videos ohne positive Dauer</translation>
    </message>
    <message>
        <source>videos without features (cannot be used)</source>
        <translation>Videos ohne Merkmale (nicht benutzbar)</translation>
    </message>
    <message>
        <source>waiting until the background process has taken the run, then closing</source>
        <translation>wartet, bis der Hintergrundprozess den Lauf übernommen hat, und schließt dann</translation>
    </message>
    <message>
        <source>waits for Resume</source>
        <translation>wartet auf Fortsetzen</translation>
    </message>
    <message>
        <source>waits for the end of this step</source>
        <translation>wartet auf das Ende dieses Schritts</translation>
    </message>
    <message>
        <source>waits for the end of this step and its checkpoint</source>
        <translation>wartet auf das Ende dieses Schritts und seine Sicherung</translation>
    </message>
    <message>
        <source>waits for the engine thread</source>
        <translation>wartet auf das Rechenwerk</translation>
    </message>
    <message>
        <source>waits for the training in the window</source>
        <translation>wartet auf das Training im Fenster</translation>
    </message>
    <message>
        <source>warnings</source>
        <translation>Warnungen</translation>
    </message>
    <message>
        <source>was told the truth</source>
        <translation>kannte die Wahrheit</translation>
    </message>
    <message>
        <source>week</source>
        <translation>Woche</translation>
    </message>
    <message>
        <source>weights of step</source>
        <translation>Gewichte von Schritt</translation>
    </message>
    <message>
        <source>what it shows</source>
        <translation>was es zeigt</translation>
    </message>
    <message>
        <source>whole video</source>
        <translation>ganzes Video</translation>
    </message>
    <message>
        <source>with a defect</source>
        <translation>mit einem Mangel</translation>
    </message>
    <message>
        <source>with a video file</source>
        <translation>mit Videodatei</translation>
    </message>
    <message>
        <source>with segments</source>
        <translation>mit Abschnitten</translation>
    </message>
    <message>
        <source>without a video file</source>
        <translation>ohne Videodatei</translation>
    </message>
    <message>
        <source>without features: cannot be trained on or looked into</source>
        <translation>ohne Merkmale: weder zu trainieren noch anzusehen</translation>
    </message>
    <message>
        <source>without segments</source>
        <translation>ohne Abschnitte</translation>
    </message>
    <message>
        <source>written with "v_", which is not compared: %1 of %2 ids
</source>
        <translation>mit "v_" geschrieben, was nicht verglichen wird: %1 von %2 Kennungen
</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>falsch</translation>
    </message>
    <message>
        <source>wrong label</source>
        <translation>falsche Klasse</translation>
    </message>
    <message>
        <source>wrote %1; check how many rows of features it says there are for each second</source>
        <translation>%1 geschrieben; zu prüfen ist, wie viele Merkmalszeilen je Sekunde darin stehen</translation>
    </message>
    <message>
        <source>… and %1 more</source>
        <translation>… und %1 weitere</translation>
    </message>
    <message>
        <source>⅛</source>
        <translation>⅛</translation>
    </message>
</context>
</TS>
