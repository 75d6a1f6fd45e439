import type { Messages } from './messages.js';

export const de: Messages = {
  languageName: 'Deutsch',
  title: 'Geteilte Bilder',
  problemTitle: 'Fehler: {title}',
  problemHeading: 'Bitte prüfen Sie Ihre Eingabe',
  contactHeading: 'An wen Sie sich wenden können',
  languageHeading: 'Sprache',
  tryAgain: 'Erneut versuchen',
  reference: 'Referenz',
  facts: {
    shared: 'Was geteilt wird',
    examination: 'Medizinische Bilder aus {count}\u00a0Untersuchung',
    examinations: 'Medizinische Bilder aus {count}\u00a0Untersuchungen',
    images: 'Medizinische Bilder',
    by: 'Geteilt von',
    until: 'Verfügbar bis',
    opens: 'Öffnet am',
    wait: 'Wartezeit',
  },
  actions: {
    viewers: 'Wie möchten Sie die Bilder ansehen?',
    open: 'Bilder öffnen',
    openWith: 'Öffnen in {viewer}',
    download: 'Bilder herunterladen',
    viewerNotOffered: 'Diese Ansicht ist nicht verfügbar. Bitte wählen Sie eine andere.',
  },
  pin: {
    label: 'PIN',
    hint: 'Sie haben sie getrennt vom Link erhalten, zum Beispiel am Telefon oder auf Papier.',
    missing: 'Bitte geben Sie die PIN ein.',
    refused: 'Diese PIN stimmt nicht. Bitte prüfen Sie sie und versuchen Sie es erneut.',
  },
  birthDate: {
    label: 'Geburtsdatum der Patientin oder des Patienten',
    hint: 'Zum Beispiel 27 3 1980.',
    day: 'Tag',
    month: 'Monat',
    year: 'Jahr',
    missing: 'Bitte geben Sie Tag, Monat und Jahr der Geburt ein.',
    impossible: 'Dieses Datum gibt es nicht. Bitte prüfen Sie Tag, Monat und Jahr.',
    refused: 'Dieses Geburtsdatum stimmt nicht. Bitte prüfen Sie es und versuchen Sie es erneut.',
  },
  emailCode: {
    explanation: 'Zum Schutz der Bilder senden wir zuerst einen Code an {address}.',
    send: 'Code zusenden',
    have: 'Ich habe schon einen Code',
    label: 'Code aus der E-Mail',
    hint: 'Sechs Ziffern, gesendet an {address}. Das kann eine Minute dauern; bitte sehen Sie auch im Spam-Ordner nach.',
    hintPlain:
      'Sechs Ziffern, gesendet an Ihre E-Mail-Adresse. Das kann eine Minute dauern; bitte sehen Sie auch im Spam-Ordner nach.',
    sendAgain: 'Neuen Code senden',
    missing: 'Bitte geben Sie den Code aus der E-Mail ein.',
    refused: 'Dieser Code stimmt nicht oder ist zu alt. Bitte prüfen Sie ihn oder lassen Sie sich einen neuen senden.',
  },
  pages: {
    link: {
      heading: 'Mit Ihnen wurden Bilder geteilt',
      happened: 'Sie sind für Sie bestimmt. Bitte geben Sie diesen Link nicht weiter.',
      whatToDo: 'Sie können sie hier öffnen, am Handy oder am Computer.',
    },
    opening: {
      heading: 'Ihre Bilder werden geöffnet',
      happened: 'Sie erscheinen in wenigen Augenblicken.',
      whatToDo: 'Wenn nichts geschieht, verwenden Sie bitte die Schaltfläche.',
    },
    downloading: {
      heading: 'Ihr Download beginnt',
      happened: 'Die Datei kann groß sein, und das Laden kann etwas dauern.',
      whatToDo:
        'Bewahren Sie sie sicher auf: Sie enthält medizinische Bilder. Wenn nichts geschieht, verwenden Sie bitte die Schaltfläche.',
    },
    scheduled: {
      heading: 'Dieser Link ist noch nicht freigegeben',
      happened: 'Er wurde im Voraus erstellt und funktioniert erst ab einem späteren Zeitpunkt.',
      whatToDo: 'Bitte bewahren Sie ihn auf und öffnen Sie ihn dann erneut.',
    },
    expired: {
      heading: 'Dieser Link ist abgelaufen',
      happened: 'Geteilte Links gelten nur für eine begrenzte Zeit, und die Zeit dieses Links ist vorbei.',
      whatToDo:
        'Bitte fragen Sie die Person oder Abteilung, von der Sie ihn erhalten haben, nach einem neuen Link. Mit Ihrem Gerät ist alles in Ordnung.',
    },
    'viewer-expired': {
      heading: 'Ihre Ansichtszeit ist vorbei',
      happened: 'Zum Schutz der Bilder bleiben sie nur für eine begrenzte Zeit geöffnet.',
      whatToDo: 'Um sie wieder zu sehen, öffnen Sie bitte erneut den Link, den Sie erhalten haben.',
    },
    'used-up': {
      heading: 'Dieser Link wurde schon benutzt',
      happened: 'Er ließ sich nur begrenzt oft öffnen, und diese Anzahl ist erreicht.',
      whatToDo:
        'Wenn Sie die Bilder noch brauchen, fragen Sie bitte die Person, die ihn gesendet hat, nach einem neuen Link.',
    },
    locked: {
      heading: 'Dieser Link ist gesperrt',
      happened: 'Es wurde zu oft etwas Falsches eingegeben. Zum Schutz der Bilder haben wir ihn gesperrt.',
      whatToDo: 'Bitte fragen Sie die Person oder Abteilung, von der Sie ihn erhalten haben, nach einem neuen Zugang.',
    },
    revoked: {
      heading: 'Dieser Link wurde zurückgezogen',
      happened: 'Die Personen, die ihn geteilt haben, haben ihn geschlossen. Er öffnet die Bilder nicht mehr.',
      whatToDo: 'Wenn Sie sie noch brauchen, fragen Sie bitte die Person, die ihn gesendet hat, nach einem neuen Link.',
    },
    invalid: {
      heading: 'Dieser Link funktioniert nicht',
      happened: 'Wir konnten ihn nicht erkennen. Vielleicht ging beim Kopieren oder Weiterleiten ein Teil verloren.',
      whatToDo: 'Bitte öffnen Sie ihn erneut aus der ursprünglichen Nachricht, oder fragen Sie nach einem neuen Link.',
    },
    incomplete: {
      heading: 'Dieser Link ist unvollständig',
      happened: 'Die geöffnete Adresse enthält nicht alles, was wir brauchen, um Ihre Bilder zu finden.',
      whatToDo:
        'Bitte gehen Sie zurück zu der Nachricht, die Sie erhalten haben, und tippen Sie dort auf den Link, statt ihn zu kopieren.',
    },
    'not-for-here': {
      heading: 'Dieser Link lässt sich hier nicht öffnen',
      happened: 'Er wurde für einen anderen Zweck erstellt, und diese Seite kann dafür nichts anzeigen.',
      whatToDo:
        'Bitte fragen Sie die Person, von der Sie ihn haben, wie er sich öffnen lässt, oder nach einem Link zum Ansehen der Bilder.',
    },
    'too-many-attempts': {
      heading: 'Bitte warten Sie ein wenig',
      happened: 'Es gab zu viele Versuche in kurzer Zeit.',
      whatToDo: 'Nach der Wartezeit können Sie es erneut versuchen. Bitte bewahren Sie Ihren Link auf.',
    },
    unavailable: {
      heading: 'Wir können Ihren Link gerade nicht öffnen',
      happened: 'Unser Dienst antwortet nicht, wie er sollte. Das liegt weder an Ihnen noch an Ihrem Gerät.',
      whatToDo: 'Bitte versuchen Sie es in einigen Minuten erneut, und bewahren Sie Ihren Link auf.',
    },
    preview: {
      heading: 'Ein privater Link',
      happened: 'Was hier geteilt wurde, ist nur für die Person bestimmt, die den Link erhalten hat.',
      whatToDo: 'Öffnen Sie den Link in einem Webbrowser, um es zu sehen.',
    },
    'not-found': {
      heading: 'Hier ist nichts',
      happened: 'Diese Adresse führt zu keiner Seite.',
      whatToDo: 'Wenn Sie einen Link erhalten haben, öffnen Sie ihn bitte direkt aus der Nachricht.',
    },
  },
};
